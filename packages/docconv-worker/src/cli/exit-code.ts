/** How commands end: sysexits' statuses, as program-config uses them. */
export const EXIT = {
  ok: 0,
  /** What was asked for could not be done, or something that was checked does not work. */
  failed: 1,
  /** EX_USAGE: the words of the command line. */
  usage: 64,
  /** EX_DATAERR: the document is at fault. */
  document: 65,
  /** EX_NOINPUT: there is no such file, or it cannot be read. */
  noInput: 66,
  /** EX_UNAVAILABLE: Redis, LibreOffice or the like is away. */
  unavailable: 69,
} as const;
