// TCP over several loopback addresses, the WebSocket handshake, and WebSocket frames (RFC 6455, section 5.2).
#include "clients.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 18, MAX_CONTROL = 125 };
#define MS 1000000ull

static void fail(const char *what) { perror(what); exit(1); }

static int at_port(int port, const char *address, struct sockaddr_in *out) {
  *out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
  return inet_pton(AF_INET, address, &out->sin_addr);
}

void watch(struct client *client, int reading) {
  struct epoll_event event = { .events = reading ? EPOLLIN : 0, .data.u32 = (uint32_t)(client - clients) };
  epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event);
}

void open_socket(struct client *client) {
  int index = (int)(client - clients), on = 1;
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (client->fd < 0) fail("socket");
  setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // A close is a reset, as of a network that is gone: no port waits for its last packets.
  struct linger reset = { 1, 0 };
  setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  struct sockaddr_in address;
  char source[32];
  snprintf(source, sizeof source, "127.0.0.%d", 2 + index % settings.sources);
  setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  at_port(0, source, &address);
  if (bind(client->fd, (struct sockaddr *)&address, sizeof address)) fail("bind");
  at_port(settings.ports[client->port], "127.0.0.1", &address);
  client->state = CONNECTING;
  if (connect(client->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) fail("connect");
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.u32 = (uint32_t)index };
  epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event);
}

void close_socket(struct client *client) {
  if (client->fd >= 0) close(client->fd);
  client->fd = -1;
  client->partial_length = 0;
}

static void refused(struct client *client) {
  totals.refused++;
  client->failures++;
  if (client->failures > 1) client->port = (uint16_t)((client->port + 1) % settings.port_count);
  // As pat-push does: once at once, then with full jitter that doubles (backoff.ts).
  uint64_t most = client->failures < 2 ? 0 : 500 * MS << (client->failures < 8 ? client->failures - 2 : 6);
  went(client, most ? random_ns(most) : 0);
}

static void put(struct client *client, const char *bytes, size_t length) {
  if (send(client->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length && errno != EPIPE && errno != ECONNRESET)
    perror("a short frame did not fit into an empty socket");
}

static void send_frame(struct client *client, uint8_t opcode, const char *payload, size_t length) {
  static const uint8_t mask[4] = { 0x12, 0x34, 0x56, 0x78 };
  char frame[1024];
  size_t at = 0;
  frame[at++] = (char)(0x80 | opcode);
  if (length <= MAX_CONTROL) {
    frame[at++] = (char)(0x80 | length);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(length >> 8);
    frame[at++] = (char)length;
  }
  memcpy(frame + at, mask, sizeof mask);
  at += sizeof mask;
  for (size_t i = 0; i < length; i++) frame[at + i] = (char)(payload[i] ^ mask[i & 3]);
  put(client, frame, at + length);
}

void send_text(struct client *client, const char *text, size_t length) { send_frame(client, 1, text, length); }

// Writes the text with the client's index for its first %d.
static void personal(char *out, size_t size, const char *text, int index) {
  const char *place = strstr(text, "%d");
  if (!place) snprintf(out, size, "%s", text);
  else snprintf(out, size, "%.*s%d%s", (int)(place - text), text, index, place + 2);
}

static void request(struct client *client) {
  int index = (int)(client - clients), port = settings.ports[client->port];
  static unsigned session; // SockJS wants a new one for each connection
  char path[300], header[600] = "", text[1500];
  personal(path, sizeof path, settings.path, index);
  if (settings.sockjs) {
    size_t used = strlen(path);
    snprintf(path + used, sizeof path - used, "/%03d/s%x-%x/websocket", index % 1000, (unsigned)getpid(), session++);
  }
  if (settings.headers) snprintf(header, sizeof header, "%s\r\n", settings.headers[index]);
  else if (settings.header[0]) {
    personal(header, sizeof header - 2, settings.header, index);
    strcat(header, "\r\n");
  }
  int length = snprintf(text, sizeof text,
    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:%d\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n%s\r\n", path, port, port, header);
  put(client, text, (size_t)length);
}

// Handles whole frames at the front of these bytes; returns how many bytes they were.
static size_t frames(struct client *client, const char *bytes, size_t length, uint64_t now) {
  size_t done = 0;
  while (client->fd >= 0) {
    const uint8_t *head = (const uint8_t *)bytes + done;
    size_t left = length - done, header = 2;
    if (left < 2) break;
    size_t size = head[1] & 127;
    if (size == 126) header = 4;
    if (size == 127) header = 10;
    if (left < header) break;
    if (size >= 126) {
      size = 0;
      for (size_t i = 2; i < header; i++) size = size << 8 | head[i];
    }
    if (left < header + size) break;
    const char *payload = (const char *)head + header;
    switch (head[0] & 15) {
      case 8: received_close(client, payload, size); break;
      case 9: send_frame(client, 10, payload, size); break;
      case 10: break;
      default: received(client, payload, size, now);
    }
    done += header + size;
  }
  return done;
}

static size_t handshake(struct client *client, const char *bytes, size_t length) {
  const char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (length < 12 || memcmp(bytes + 9, "101", 3)) {
    refused(client);
    return length;
  }
  client->state = GREETING;
  if (!settings.sockjs) opened(client);
  return (size_t)(end + 4 - bytes);
}

static void keep(struct client *client, const char *bytes, size_t length) {
  if (length > client->partial_capacity) {
    client->partial_capacity = length;
    client->partial = realloc(client->partial, length);
    if (!client->partial) fail("realloc");
  }
  memmove(client->partial, bytes, length);
  client->partial_length = length;
}

static void readable(struct client *client) {
  static char *buffer;
  static size_t capacity;
  size_t before = client->partial_length;
  if (before + READ_SIZE > capacity) buffer = realloc(buffer, capacity = before + READ_SIZE);
  if (!buffer) fail("realloc");
  if (before) memcpy(buffer, client->partial, before);
  ssize_t got = recv(client->fd, buffer + before, READ_SIZE, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    if (client->state == READY) {
      totals.lost++;
      went(client, 0);
    } else refused(client);
    return;
  }
  totals.bytes += (uint64_t)got;
  size_t length = before + (size_t)got, done = 0;
  if (client->state == HANDSHAKE) done = handshake(client, buffer, length);
  if (client->state != HANDSHAKE && client->fd >= 0) done += frames(client, buffer + done, length - done, now_ns());
  if (client->fd >= 0) keep(client, buffer + done, length - done);
}

void on_event(struct client *client, uint32_t events) {
  if (client->fd < 0) return;
  if (client->state == CONNECTING) {
    if (events & (EPOLLERR | EPOLLHUP)) refused(client);
    else if (events & EPOLLOUT) {
      client->state = HANDSHAKE;
      watch(client, 1);
      request(client);
    }
  } else if (events & EPOLLIN) {
    readable(client);
  } else if (events & (EPOLLERR | EPOLLHUP)) {
    totals.lost++;
    went(client, 0);
  }
}
