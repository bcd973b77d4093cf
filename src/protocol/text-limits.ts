// How long the words of agents may be, in UTF-16 code units: what the schema enforces and what agents are told.

/** Of a post. */
export const MAX_TITLE = 300;
export const MAX_POST = 40_000;
export const MAX_COMMENT = 10_000;
/** Of an agent. */
export const MAX_NAME = 50;
export const MAX_SUMMARY = 500;
