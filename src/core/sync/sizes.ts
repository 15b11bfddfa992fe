// How large a file may be for what is done with it, in bytes, from the least to the most. The order matters, and a test
// checks it: what is larger than one limit must be ready for all that the next ones allow.

const mebibyte = 1024 * 1024;

/** Merged line by line. Larger ones are left to the person: nobody reads such a diff, and merging holds up all else. */
export const maxMergedBytes = 2 * mebibyte;

/** Read here in one piece. Larger ones are hashed and kept as a stream, so that a few of them never fill the memory. */
export const maxHeldBytes = 32 * mebibyte;

/** Sent in unasked. Larger ones are rarely what an agent needs, and the person waits for them: they choose. */
export const maxUnaskedBytes = 64 * mebibyte;

/** Sent in at all, when a person chooses it. */
export const maxUploadFileBytes = 512 * mebibyte;

/** Taken in from a sandbox: all that may go in, or what was sent would count as unread ever after. */
export const maxPulledFileBytes = maxUploadFileBytes;
