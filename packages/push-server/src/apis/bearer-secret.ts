/** The shared secret of publishers and administrators, sent as \`Authorization: Bearer`. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Refusal } from "../refusal.ts";

export class BearerSecret {
  readonly #digest: Buffer | undefined;

  readonly #name: string;

  /** Without a secret nobody is let in. @param name which one it is, for the answers */
  constructor(secret: string | undefined, name: string = "publish") {
    this.#name = name;
    this.#digest = secret === undefined || secret === "" ? undefined : digest(secret);
  }

  /** @throws Refusal 401 */
  check(request: IncomingMessage): void {
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (this.#digest && given !== undefined && timingSafeEqual(digest(given), this.#digest)) return;
    const text = this.#digest
      ? `Send the ${this.#name} secret as \`Authorization: Bearer <secret>\`.`
      : `No ${this.#name} secret is configured on this server, so nobody may do this with one.`;
    throw new Refusal(401, "wrong-secret", text, { "WWW-Authenticate": "Bearer" });
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
