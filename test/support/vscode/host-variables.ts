/** Holds the pattern of test titles to run in the extension host, where not all of them should. */
export const grepVariable = 'AIRLOCK_TEST_GREP';

/** Names the file for the text of the test report. */
export const outputVariable = 'AIRLOCK_TEST_OUTPUT';
