/** What is wrong with something that came over the wire, and what to do about it. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** Stable, for programs: `invalid-message`, `invalid-topic`, `invalid-cursor`, `invalid-frame`. */
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, text: string) {
    super(text);
    this.code = code;
  }
}

export type ProtocolErrorCode = "invalid-message" | "invalid-topic" | "invalid-cursor" | "invalid-frame";
