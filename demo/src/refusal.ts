/** What the CMS refuses, with what the user can do about it; the web server makes the status and the page of it. */

/** Each code has one HTTP status. */
const STATUS = {
  "bad-request": 400,
  "sign-in": 401,
  "forged-request": 403,
  "not-found": 404,
  "too-large": 413,
  internal: 500,
} as const;

export type RefusalCode = keyof typeof STATUS;

/** An expected "no". The title says what, the message says why and the remedy; both are shown to the user. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly title: string;
  /** Id of the notice that shows it, so that it shows once, pushed and answered. */
  readonly noticeId: string = `refusal-${crypto.randomUUID()}`;

  constructor(code: RefusalCode, title: string, message: string) {
    super(message);
    this.code = code;
    this.title = title;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** For what does not exist and for what this user may not know to exist: the two look the same. */
export function notFound(): Refusal {
  return new Refusal(
    "not-found",
    "There is nothing here for you",
    "The page does not exist, or you are not a member of its workspace. Ask a member, or start from your workspaces.",
  );
}
