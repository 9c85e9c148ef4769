export type { PushServerLimits } from "./limits.ts";
export type { Logger } from "./logger.ts";
export type { PushMetrics } from "./metrics.ts";
export { createPublishClient, type PublishClientOptions } from "./publish-client.ts";
export { PublishError, type PublishErrorCode, type Publisher } from "./publisher.ts";
export { createPushServer, type PushServer, type PushServerOptions } from "./push-server.ts";
export type { PushServerState } from "./push-server-state.ts";
export type { RetentionOptions } from "./retained-window.ts";
export type { TransportName } from "./transport.ts";
