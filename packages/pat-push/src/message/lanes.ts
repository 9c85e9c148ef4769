/** Order per target: what has to be fetched first holds up what comes after it for the same place, and only that. */

export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the task once the lanes are free, at once if they are. A promise that it returns keeps them busy. */
  run(lanes: readonly string[], task: () => void | Promise<void>): void {
    const ahead = lanes.flatMap((lane) => this.#tails.get(lane) ?? []);
    const result = ahead.length === 0 ? task() : Promise.allSettled(ahead).then(task);
    if (!(result instanceof Promise)) return;
    const tail = result.finally(() => {
      for (const lane of lanes) if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
    });
    for (const lane of lanes) this.#tails.set(lane, tail);
  }
}
