/** Where a hub is at home, in a SharedWorker or in a tab: it speaks with all tabs over their channel. */
import { Hub } from "./hub.ts";
import { ALL, NAMESPACE, type Addressed, type FromHub, type Posted, type ToHub } from "./tab-message.ts";

export interface Hosting {
  /** What a tab says that has the hub for itself; undefined: it says it on the channel. */
  readonly receive?: (tab: string, message: ToHub) => void;
  close(): Promise<void>;
}

/** The hub of one tab, which shares with nobody: they speak with each other directly. */
export function hostOwnHub(url: string, tell: (message: FromHub) => void): Hosting {
  const welcomes = new Welcomes(url, (user) => hub.doubt(user));
  const hub = new Hub(url, (_, message) => {
    welcomes.tell(message);
    tell(message); // it may be the end: another user's page
  });
  return {
    receive: (tab, message) => hub.receive(tab, message),
    async close() {
      welcomes.close();
      await hub.close();
    },
  };
}

/**
 * Opens a hub. There must be no other of this name: whoever may host it holds the Web Lock of the name.
 * @param name of the tabs' channel
 * @param url the push server's prefix
 */
export function hostHub(name: string, url: string): Hosting {
  const channel = new BroadcastChannel(name);
  const closing = new AbortController();
  const watched = new Set<string>();

  // What comes alone is passed on at once; what comes thick and fast together, for each post is a task in every tab.
  const turn = new MessageChannel();
  let gathered: Addressed[] | undefined;
  const pass = (addressed: Addressed[]): void => {
    channel.postMessage(addressed satisfies Posted);
    gathered = [];
    turn.port2.postMessage(0);
  };
  const passGathered = (): void => {
    const addressed = gathered;
    gathered = undefined;
    if (addressed?.length) pass(addressed);
  };
  turn.port1.onmessage = passGathered;

  const tell = (to: string, message: FromHub): void => {
    if (gathered) gathered.push({ to, message });
    else pass([{ to, message }]);
    if (to === ALL) welcomes.tell(message);
  };
  const hub = new Hub(url, tell);
  const welcomes = new Welcomes(url, (user) => hub.doubt(user));

  /** Each tab holds a lock for as long as it is there: so its end is noticed, however that came. */
  const watch = (tab: string): void => {
    if (watched.has(tab)) return;
    watched.add(tab);
    navigator.locks
      ?.request(`${name} ${tab}`, { signal: closing.signal }, () => {
        watched.delete(tab);
        hub.drop(tab);
      })
      .catch(() => undefined); // closed meanwhile
  };

  channel.addEventListener("message", ({ data }: MessageEvent<Posted>) => {
    if (!("from" in data)) return;
    hub.receive(data.from, data.message);
    if (data.message.type === "join") watch(data.from);
  });
  tell(ALL, { type: "hub" });

  return {
    async close() {
      closing.abort();
      passGathered();
      channel.close();
      welcomes.close();
      turn.port1.close();
      await hub.close();
    },
  };
}

/** Between the hubs of all users of this browser: whoever was welcomed last has the cookie now. */
class Welcomes {
  readonly #channel: BroadcastChannel;

  constructor(url: string, other: (user: string) => void) {
    this.#channel = new BroadcastChannel(`${NAMESPACE} ${url}`);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<string>) => other(data));
  }

  tell(message: FromHub): void {
    if (message.type === "frame" && message.frame.type === "welcome")
      this.#channel.postMessage(message.frame.user);
  }

  close(): void {
    this.#channel.close();
  }
}
