// sockjs-client with the transports that pat-push falls back to, for the part that the add-on loads when no WebSocket
// gets through: two thirds of the size of the whole.
import createSockJS from "sockjs-client/lib/main.js";
import eventSource from "sockjs-client/lib/transport/eventsource.js";
import xhrPolling from "sockjs-client/lib/transport/xhr-polling.js";
import xhrStreaming from "sockjs-client/lib/transport/xhr-streaming.js";

// oxlint-disable-next-line import/no-default-export -- as the package itself has it
export default createSockJS([xhrStreaming, eventSource, xhrPolling]);
