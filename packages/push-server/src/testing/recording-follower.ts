/** A follower of a log that notes what it is handed, for tests. */
import type { Cursor, Topic } from "push-protocol";
import type { LogFollower, LogRecord } from "../log.ts";

export class RecordingFollower implements LogFollower {
  readonly all: LogRecord[] = [];
  readonly gaps: { readonly upTo: Cursor; readonly topic: Topic | undefined }[] = [];
  #wake: (() => void)[] = [];

  records(records: readonly LogRecord[]): void {
    this.all.push(...records);
    this.#wakeAll();
  }

  gap(upTo: Cursor, topic?: Topic): void {
    this.gaps.push({ upTo, topic });
    this.#wakeAll();
  }

  get messages(): readonly (string | undefined)[] {
    return this.all.map(({ message }) => message);
  }

  /** Looks again whenever something is handed over. */
  async until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
