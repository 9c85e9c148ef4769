/** What one client, one user and all together may take; every bound of the server that users meet. */

export interface PushServerLimits {
  /** Open connections on this node. */
  readonly maxConnections: number;
  /** Open connections of one user on this node; a browser needs one for all its tabs. */
  readonly maxConnectionsPerUser: number;
  /** Requests that wait for the CMS's answer to who they are. */
  readonly maxPendingHandshakes: number;
  /** Object topics that one connection holds or has asked for. */
  readonly maxSubscriptions: number;
  /** One frame or `xhr_send` body of a client. */
  readonly maxFrameBytes: number;
  /** Frames of one client in one second. */
  readonly maxFramesPerSecond: number;
  /** What waits for one slow reader, the kernel's own buffers aside. */
  readonly maxBufferedBytes: number;
  /** A reader that takes nothing for this long is closed with 4008. */
  readonly maxStallMs: number;
  /** A client that sent no hello after this long gets its welcome without one. */
  readonly helloTimeoutMs: number;
  /** A client of a polling transport that asks for nothing for so long is gone. */
  readonly sessionTimeoutMs: number;
  /** The body of a request to publish. */
  readonly maxPublishBytes: number;
}

export const DEFAULT_LIMITS: PushServerLimits = {
  maxConnections: 50_000,
  maxConnectionsPerUser: 100,
  maxPendingHandshakes: 2000,
  maxSubscriptions: 200,
  maxFrameBytes: 131_072,
  maxFramesPerSecond: 50,
  maxBufferedBytes: 262_144,
  maxStallMs: 2500,
  helloTimeoutMs: 5000,
  sessionTimeoutMs: 5000,
  maxPublishBytes: 4 * 1024 * 1024,
};
