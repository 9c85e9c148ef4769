// Tens of thousands of browsers in one process, with little CPU of their own: what the benchmarks load servers with.
//
//   clients.c   the command line, the commands on stdin, the event loop, when who connects and drops
//   socket.c    TCP, the WebSocket handshake, WebSocket frames
//   protocol.c  SockJS's framing and PROTOCOL.md: hello, cursors, close codes; which messages arrived, and when
//   figures.c   percentiles
#pragma once
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

enum state { AWAY, CONNECTING, HANDSHAKE, GREETING, READY };

struct client {
  int fd;
  enum state state;
  uint16_t port;           // index into settings.ports
  uint16_t failures;       // attempts to connect since it was last ready
  char cursor[40];         // the greatest seen; empty: none
  uint64_t back_at;        // when its network was there again; 0: it has not been away
  char *partial;           // the beginning of a frame whose rest has not come
  size_t partial_length, partial_capacity;
  uint8_t *seen;           // a bit for each message number
};

struct settings {
  int count, port_count, sources, inflight, sockjs, hello, returning;
  int ports[8];
  const char *path, *header;
  char **headers;          // one for each client, instead of the one
  size_t messages;         // message numbers that are kept account of
};

struct totals {
  uint64_t messages, bytes, first_at, last_at, repeated, unrecovered;
  int ready, returned, lost, refused;
  int closed_4008, closed_4012, closed_other;
};

// A sample of durations, kept in tenths of microseconds.
struct sample { uint32_t *values; size_t count, capacity; };

extern struct settings settings;
extern struct totals totals;
extern struct client *clients;
extern struct sample latencies, replays, outages;
extern uint64_t *connect_at, *drop_at; // when, by client; 0: never
extern int epoll;

uint64_t now_ns(void);
uint64_t random_ns(uint64_t below);

// clients.c
void became_ready(struct client *client);
// It is gone, and comes back after so long if it is one that returns.
void went(struct client *client, uint64_t back_after_ns);

// socket.c
void open_socket(struct client *client);
void close_socket(struct client *client);
void on_event(struct client *client, uint32_t events);
void send_text(struct client *client, const char *text, size_t length);
void watch(struct client *client, int reading);

// protocol.c
void opened(struct client *client);
void received(struct client *client, const char *payload, size_t length, uint64_t now);
void received_close(struct client *client, const char *payload, size_t length);
// Those of the messages [from, to) that did not arrive where they should have. every_all: each such message
// went to everybody, the others to the client (number % count); 0: none went to everybody.
uint64_t missing(uint64_t from, uint64_t to, uint64_t every_all);

// figures.c
void add(struct sample *sample, uint64_t ns);
void clear(struct sample *sample);
double percentile_ms(struct sample *sample, double share);
