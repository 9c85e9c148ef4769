/** The port to a server under test, whatever it is written in. */

export interface Broadcast {
  readonly bytes: number;
  readonly times: number;
  /** Each in a turn of its own; else all in one. */
  readonly apart?: boolean;
  /** The number that the message carries. */
  readonly number?: number;
}

export interface ServerUnderTest {
  readonly port: number;
  readonly pid: number;
  /** Sends messages to every connection. */
  broadcast(broadcast: Broadcast): Promise<void>;
  /** CPU time so far. */
  cpuMs(): number;
  /** Resident memory, after a collection where there is a collector. */
  rssKb(): Promise<number>;
  close(): void;
}
