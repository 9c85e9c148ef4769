/**
 * SockJS over the browser's own WebSocket: the way of nearly every connection, in one round trip and without
 * the 16 KB of sockjs-client, which is loaded only where WebSockets do not get through.
 */
import { BROKEN, type PushSocket, type SocketEvents } from "../socket.ts";

/** Speaks SockJS's framing: sockjs-protocol 0.3.3, "Framing accepted by the client". */
export function openWebSocket(prefix: string, events: SocketEvents): PushSocket {
  const socket = new WebSocket(sessionUrl(prefix));
  let over = false;

  const end = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    socket.close();
    events.onClose(code, reason);
  };

  socket.addEventListener("message", ({ data }) => {
    if (over || typeof data !== "string") return;
    switch (data[0]) {
      case "o":
        return events.onOpen();
      case "h":
        return events.onHeartbeat();
      case "a":
        for (const text of JSON.parse(data.slice(1)) as string[]) if (!over) events.onText(text);
        return undefined;
      case "c":
        return end(...(JSON.parse(data.slice(1)) as [number, string]));
      default:
        return undefined;
    }
  });
  socket.addEventListener("close", ({ code, reason }) => end(code || BROKEN, reason));

  return {
    send: (text) => socket.send(JSON.stringify([text])),
    close() {
      over = true;
      socket.close();
    },
  };
}

/** `<prefix>/<server>/<session>/websocket`, both parts as SockJS clients choose them. */
function sessionUrl(prefix: string): string {
  const random = crypto.getRandomValues(new Uint32Array(3));
  const server = String((random[0] ?? 0) % 1000).padStart(3, "0");
  const session = Array.from(random.slice(1), (part) => part.toString(36)).join("");
  return `${prefix.replace(/^http/, "ws")}/${server}/${session}/websocket`;
}
