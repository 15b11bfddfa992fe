/** What a piece of input costs of the credit beside its characters in base64, so that many tiny ones cannot fill a pipe. */
export const pieceCost = 16;
/** Characters of base64 that the other side may send ahead of what was read here. */
export const startCredit = 262_144;
/** It counts after it sent: by so much it may go beyond. */
export const overdraft = 131_072;
