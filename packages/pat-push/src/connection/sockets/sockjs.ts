/** SockJS over HTTP, by sockjs-client: for networks that let no WebSocket through. Loaded only then. */
import { BROKEN, type PushSocket, type SocketEvents } from "../socket.ts";

/** WebSocket is left out: it has just failed. */
const TRANSPORTS = ["xhr-streaming", "eventsource", "xhr-polling"];

/** Streams where the browser can, polls where it cannot. */
export function openSockJS(prefix: string, events: SocketEvents): PushSocket {
  let over = false;
  let socket: WebSocket | undefined;

  const end = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    events.onClose(code, reason);
  };

  const open = async (): Promise<void> => {
    const { default: SockJS } = await import("sockjs-client/dist/sockjs.min.js");
    if (over) return;
    const opened = new SockJS(prefix, undefined, { transports: TRANSPORTS });
    socket = opened;
    opened.addEventListener("open", () => over || events.onOpen());
    opened.addEventListener("heartbeat", () => over || events.onHeartbeat());
    opened.addEventListener("message", (event) => {
      if (!over) events.onText(String(event.data));
    });
    opened.addEventListener("close", ({ code, reason }) => end(code, reason));
  };
  open().catch(() => end(BROKEN, ""));

  return {
    send: (text) => socket?.send(text),
    close() {
      over = true;
      socket?.close();
    },
  };
}
