/** What a connection finds around it: the parts of its server, and who counts it. */
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { PushServerLimits } from "./limits.ts";
import type { Logger } from "./logger.ts";
import type { PushMetrics } from "./metrics.ts";
import type { ObjectAccess } from "./object-access.ts";
import type { ReplayFrames } from "./replay-frames.ts";
import type { RetainedWindow } from "./retained-window.ts";

/** What all connections of a server share, so that each one stays small. */
export interface ConnectionContext {
  readonly hub: Hub;
  readonly window: RetainedWindow;
  readonly replayFrames: ReplayFrames;
  readonly access: ObjectAccess;
  readonly limits: PushServerLimits;
  readonly logger: Logger;
  readonly metrics: PushMetrics;
  now(): number;
  /** It is closed, or closing: it counts no more. Called once. */
  ended(connection: Connection): void;
}
