/** Every bound of the contract, with its reason. Host and renderer share them. */

/** Raised when a command or event changes its meaning; an added optional field does not. */
export const PROTOCOL_VERSION = 1;

/** A frame is parsed before it can be judged: this bounds what a bad client can make the host hold. Fits the largest `store.put`. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** Calls one client may have under way. The screens need a dozen; more is a loop gone wrong. */
export const CALLS_IN_FLIGHT_MAX = 64;
export const SUBSCRIPTIONS_MAX = 32;
/** Events of a queue that wait for their acknowledgement. */
export const QUEUED_EVENTS_MAX = 64;

/** Rows of a list in one answer: some screens full. */
export const ROWS_MAX = 500;
/** Views kept open per client; the oldest is dropped. */
export const VIEWS_MAX = 8;
/** Bytes of a value in one answer. Base64 makes it a third more. */
export const VALUE_CHUNK_BYTES_MAX = 1024 * 1024;
/** A value is shown up to here; "Load all" asks for the rest. */
export const PREVIEW_BYTES_MAX = 1024 * 1024;
/** A value can be edited up to here: it travels whole, in one frame. */
export const EDIT_BYTES_MAX = 8 * 1024 * 1024;
/** The log's own limit for keys. */
export const KEY_BYTES_MAX = 1024 * 1024;

export const PATH_CHARS_MAX = 4096;
export const SEARCH_CHARS_MAX = 1000;
export const SETTING_CHARS_MAX = 64 * 1024;
export const ECHO_CHARS_MAX = 64 * 1024;
export const ECHO_WAIT_MS_MAX = 2_000;
/** Columns of the time strip: wider than any window at one column a pixel. */
export const STRIP_BINS_MAX = 4096;
/** Characters of a value or a name in a row of the policies. */
export const POLICY_ROWS_PREVIEW_CHARS_MAX = 512;
/** Parts of a damaged file, and keys that change, that a plan lists one by one; it counts them all. */
export const REPAIR_RANGES_MAX = 200;
export const REPAIR_CHANGES_MAX = 200;
/** Versions of a key in one answer. */
export const HISTORY_MAX = 200;
/** Of those, versions behind the moment that is looked at. */
export const HISTORY_LATER_MAX = 100;
/** Paths offered while one is typed. */
export const COMPLETIONS_MAX = 200;
/** Ticks remembered for the log and the chart. */
export const TICK_LOG_MAX = 500;
export const RECENTS_MAX = 15;
/** A file dropped into a browser is copied to the host, in pieces; larger ones are opened by their path. */
export const DROP_BYTES_MAX = 1024 * 1024 * 1024;
export const DROP_CHUNK_BYTES_MAX = 1024 * 1024;

/** Records that the crash lab cuts at once: more is a log, not its last writes. */
export const LAB_RECORDS_MAX = 1_000;
/** Places of the crash lab in one answer; each is a recovery of its own. */
export const LAB_CELLS_MAX = 96;
/** Records of a crash listed one by one; all are counted. */
export const LAB_ROWS_MAX = 200;
/** Puts that the node to be killed has under way at once. */
export const LAB_OUTSTANDING_MAX = 64;
/** And how many it confirms at most before it is killed: some seconds on a slow disk. */
export const LAB_KILL_WRITES_MAX = 2_000;
