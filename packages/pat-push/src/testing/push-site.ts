/** Speaks to the site of the browser tests: the real push server and its CMS (`testing/push-site.ts`). */
import type { Message, MessageFrame, Topic } from "push-protocol";
import {
  createPushClient,
  type ConnectionState,
  type PushClient,
  type PushClientOptions,
} from "../client.ts";

async function control(path: string, body?: string): Promise<void> {
  const response = await fetch(`/__site/${path}`, {
    method: "POST",
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`The test site answered ${response.status} to ${path}.`);
}

interface Site {
  publish(message: Message): Promise<void>;
  /** Breaks every connection, without a word. */
  cut(): Promise<void>;
  /** The log is in memory: what it held is lost. */
  restart(): Promise<void>;
  signOut(user: string): Promise<void>;
  /** This cookie is good for nothing from now on. */
  expire(session: string): Promise<void>;
  /** Open WebSockets. */
  connections(): Promise<number>;
  /** What gets through from now on. Default: everything. */
  way(way: { webSockets?: boolean; down?: boolean }): Promise<void>;
}

export const site: Site = {
  publish: (message) => control("publish", JSON.stringify(message)),
  cut: () => control("cut"),
  restart: () => control("restart"),
  expire: (session) => control(`expire?session=${encodeURIComponent(session)}`),
  signOut: (user) => control(`sign-out?user=${user}`),
  connections: async () => Number(await (await fetch("/__site/connections")).text()),
  way: ({ webSockets = true, down = false }) =>
    control(`way?webSockets=${webSockets ? "yes" : "no"}&down=${down ? "yes" : "no"}`),
};

/** The browser's cookie from now on: a user, or `<user>~<anything>` for another session of theirs. */
export function logIn(session: string): void {
  document.cookie = `session=${session}; path=/`;
}

export function logOut(): void {
  document.cookie = "session=; path=/; max-age=0";
}

let users = 0;

/** A user nobody else is, logged in. */
export function newUser(): string {
  const user = `u${Date.now().toString(36)}-${users++}`;
  logIn(user);
  return user;
}

/** A client that writes down what it hears. */
export interface RecordingClient extends PushClient {
  readonly frames: MessageFrame[];
  readonly states: ConnectionState[];
  readonly gaps: (Topic | undefined)[];
  readonly refused: Topic[];
}

export function recordingClient(options: Partial<PushClientOptions> = {}): RecordingClient {
  const frames: MessageFrame[] = [];
  const states: ConnectionState[] = [];
  const gaps: (Topic | undefined)[] = [];
  const refused: Topic[] = [];
  const client = createPushClient({
    url: "/push",
    onMessage: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    onGap: (topic) => gaps.push(topic),
    onRefused: (topic) => refused.push(topic),
    ...options,
  });
  return Object.assign(client, { frames, states, gaps, refused });
}
