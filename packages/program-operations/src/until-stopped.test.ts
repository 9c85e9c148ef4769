import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";

const PROGRAM = join(import.meta.dirname, "testing/stopping-program.ts");

/** Starts it, sends the signals one after the other, and waits for its end. */
async function run(behaviour: string, timeoutMs: number, signals: readonly NodeJS.Signals[]) {
  const child = spawn(process.execPath, ["--conditions=push-source", PROGRAM, behaviour, String(timeoutMs)]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit") as Promise<[number | null]>;
  const errors = text(child.stderr);
  let output = "";
  child.stdout.on("data", (data: Buffer) => {
    output += data.toString();
    const seen = output.split("\n").length - 2; // one line for the start, one for the first signal
    const next = signals[seen];
    if (next !== undefined) child.kill(next);
  });
  const [exitCode] = await exited;
  const sentences = output.split("\n").flatMap((line) => (line === "" ? [] : [sentenceOf(line)]));
  return { exitCode, sentences, output, errors: await errors };
}

function sentenceOf(line: string): unknown {
  return (JSON.parse(line) as { msg: unknown }).msg;
}

describe("a program that is to stop", () => {
  it.each<NodeJS.Signals>(["SIGTERM", "SIGINT"])("ends in order after %s", async (signal) => {
    const { exitCode, sentences, errors } = await run("end", 60_000, [signal]);
    expect(sentences).toEqual(["Started.", "Stopping.", "Stopped."]);
    expect([exitCode, errors]).toEqual([0, ""]);
  });

  it("ends within its bound, whatever hangs", async () => {
    const { exitCode, sentences } = await run("hang", 50, ["SIGTERM"]);
    expect(sentences.at(-1)).toBe("Something did not end in time: the process ends without it.");
    expect(exitCode).toBe(1);
  });

  it("ends at once after a second signal", async () => {
    const { exitCode, sentences } = await run("hang", 60_000, ["SIGTERM", "SIGINT"]);
    expect(sentences).toEqual(["Started.", "Stopping."]);
    expect(exitCode).toBe(130);
  });

  it.each(["throw", "reject", "fail"])("says why, without secrets, when it fails (%s)", async (behaviour) => {
    const { exitCode, sentences, output, errors } = await run(
      behaviour,
      60_000,
      behaviour === "fail" ? ["SIGTERM"] : [],
    );
    expect(sentences.at(-1)).toBe("The program failed.");
    expect(exitCode).toBe(70);
    expect(output + errors).not.toContain("canary");
  });
});
