import { describe, expect, it } from "vitest";
import { createProgramLog, type ProgramLogOptions } from "./program-log.ts";
import { Scrubber } from "./scrubber.ts";

const CANARY = "canary-f81d4fae";
const SECRET = "publish-secret-of-this-test";

function logging(options: Partial<ProgramLogOptions> = {}) {
  const lines: string[] = [];
  const scrubber = new Scrubber({
    cookieNames: ["__ac", "auth_token"],
    sessionPrefixes: ["/push"],
    secrets: [SECRET, ""],
  });
  const logger = createProgramLog({
    program: "a-program",
    level: "info",
    format: "json",
    scrubber,
    destination: { write: (line) => void lines.push(line) },
    ...options,
  });
  return { lines, logger };
}

describe("the program's log", () => {
  it("has one JSON object in each line: time, level, sentence and fields", () => {
    const { lines, logger } = logging();
    logger.warn({ cursor: "1-0", attempts: 3 }, "A record of the message log is no message.");
    logger.debug({}, "Not at this level.");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: "warn",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        program: "a-program",
        pid: process.pid,
        cursor: "1-0",
        attempts: 3,
        msg: "A record of the message log is no message.",
      },
    ]);
  });

  it("is text for a person on demand", () => {
    const { lines, logger } = logging({ format: "text" });
    logger.error({ code: "ECONNREFUSED", error: "two words" }, "Redis does not answer.");
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d ERROR Redis does not answer\. code=ECONNREFUSED error="two words"\n$/,
      ),
    ]);
  });

  it.each<[string, object]>([
    ["a cookie header", { error: `bad header: theme=dark; __ac=${CANARY}; x=1` }],
    ["a cookie in a query", { url: `/Plone/page?__ac=${CANARY}&x=1` }],
    ["a cookie in JSON", { answer: `{"auth_token": "${CANARY}"}` }],
    ["a bearer token", { error: `Authorization: Bearer ${CANARY}` }],
    [
      "a field of that name",
      { Cookie: CANARY, nested: { "set-cookie": [CANARY], deeper: { ticket: CANARY } } },
    ],
    ["a whole request", { request: { headers: { "x-any": CANARY }, url: "/" } }],
    ["a password in a URL", { error: `connect redis://user:${CANARY}@redis:6379` }],
    ["a URL object", { url: new URL(`redis://user:${CANARY}@redis:6379`) }],
    ["a SockJS session", { error: `POST /push/000/${CANARY}/xhr_streaming?t=1 failed` }],
    ["a configured secret", { error: `refused: ${SECRET}` }],
    ["a snippet", { value: `cannot read <p class="x">${CANARY}</p>` }],
    ["an error", { err: new Error(`__ac=${CANARY}`, { cause: new Error(`<b>${CANARY}</b>`) }) }],
    ["bytes", { data: Buffer.from(CANARY) }],
    ["something deep", { a: { b: { c: { d: { e: CANARY } } } } }],
  ])("never shows %s", (_what, fields) => {
    const { lines, logger } = logging();
    logger.error(fields, "Something failed.");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("Something failed.");
    expect(lines[0]).not.toContain(CANARY);
    expect(lines[0]).not.toContain(SECRET);
    expect(lines[0]).not.toContain(Buffer.from(CANARY).toString("base64"));
  });

  it("shows everything else as it is", () => {
    const { lines, logger } = logging();
    const fields = {
      url: "/push/info",
      tickets: 3,
      when: "a < b",
      grammar: "write user:<id> or all",
      list: ["x", 1, null, true],
    };
    logger.info(fields, "All good.");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject(fields);
  });
});
