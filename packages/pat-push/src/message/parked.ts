/** Waits for targets: a message can overtake the response that brings the element it is meant for. */

/** Kept at most; the oldest go first. */
const MAX_PARKED = 100;
/** How long something waits, in milliseconds. */
const PARKED_MS = 30_000;

export interface ParkedPiece {
  /** What comes later under the same name takes its place. */
  readonly replaces: string | undefined;
  /** Tries again; false if there is still no target. */
  readonly retry: () => boolean;
  /** It waited in vain. */
  readonly expire: () => void;
}

export class Parked {
  readonly #pieces = new Map<ParkedPiece, ReturnType<typeof setTimeout>>();

  add(piece: ParkedPiece): void {
    for (const other of this.#pieces.keys())
      if (piece.replaces !== undefined && other.replaces === piece.replaces) this.#drop(other);
    this.#pieces.set(
      piece,
      setTimeout(() => this.#expire(piece), PARKED_MS),
    );
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > MAX_PARKED && oldest) this.#expire(oldest);
  }

  /** Something came into the page. */
  retry(): void {
    for (const piece of this.#pieces.keys()) if (piece.retry()) this.#drop(piece);
  }

  clear(): void {
    for (const piece of this.#pieces.keys()) this.#drop(piece);
  }

  #expire(piece: ParkedPiece): void {
    this.#drop(piece);
    piece.expire();
  }

  #drop(piece: ParkedPiece): void {
    clearTimeout(this.#pieces.get(piece));
    this.#pieces.delete(piece);
  }
}
