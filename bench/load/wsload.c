// wsload: epoll load generator. Opens N connections speaking one of several protocols, then counts
// messages by a marker in the byte stream: "@T" + 19 digits (CLOCK_MONOTONIC ns at publish) + ";".
// A %d in --path, --header and --dest is the index of the connection. --hello TEXT: the frame sent after SockJS's open.
// Commands on stdin (one per line): reset | stats | wait <count> <timeout_ms> | quit. Replies: one JSON line each.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>

enum { P_WS, P_SOCKJS, P_XHRS, P_ES, P_XHR, P_SOCKETIO, P_STOMP };
enum { ST_CONNECTING, ST_HAND, ST_OPEN, ST_DEAD };
#define TAIL 64
typedef struct { int fd; uint8_t st, step, ntail, gotmark, chunked; char tail[TAIL]; } conn_t;

static conn_t *C; static int N = 1000, inflight = 128, proto = P_WS, ep, port = 9000, nsrc = 8, nready = 0, ndead = 0, nstarted = 0;
static const char *host = "127.0.0.1", *path = "/", *extra = "", *origin = "http://localhost", *hello = "", *dest = "/exchange/amq.topic/u%d.#";
static uint64_t count, bytes, tfirst, tlast; static uint32_t *lat; static size_t latcap = 30000000;
static struct rusage ru0; static uint64_t tconn0, tconn1, treset;
static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec; }
static double rucpu(struct rusage *r) { return r->ru_utime.tv_sec * 1e3 + r->ru_utime.tv_usec / 1e3 + r->ru_stime.tv_sec * 1e3 + r->ru_stime.tv_usec / 1e3; }

static void put(conn_t *c, const char *b, size_t n) { ssize_t r = send(c->fd, b, n, MSG_NOSIGNAL); if (r != (ssize_t)n) { fprintf(stderr, "short send %zd/%zu errno %d\n", r, n, errno); } }
static void wsframe(conn_t *c, const char *s, size_t n) { // masked text frame
  char f[1024]; size_t h = 0; f[h++] = (char)0x81; if (n < 126) f[h++] = (char)(0x80 | n); else { f[h++] = (char)(0x80 | 126); f[h++] = n >> 8; f[h++] = n & 255; }
  uint8_t m[4] = { 0x12, 0x34, 0x56, 0x78 }; memcpy(f + h, m, 4); h += 4; for (size_t i = 0; i < n; i++) f[h + i] = s[i] ^ m[i & 3]; put(c, f, h + n); }
static void subst(char *out, size_t cap, const char *p, int i) { // %d -> connection index
  const char *q = strstr(p, "%d"); if (!q) { snprintf(out, cap, "%s", p); return; } snprintf(out, cap, "%.*s%d%s", (int)(q - p), p, i, q + 2); }
static void request(conn_t *c) { int i = c - C; char b[1600], p[600]; subst(p, sizeof p, path, i); int n;
  const char *up = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  char x[1024]; subst(x, sizeof x, extra, i); // a cookie per connection
  char o[512]; snprintf(o, sizeof o, "Origin: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept-Language: en-US,en;q=0.5\r\n", origin);
  switch (proto) {
  case P_WS: case P_STOMP: case P_SOCKETIO: n = snprintf(b, sizeof b, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s%s%s\r\n", p, host, port, up, o, x); break;
  case P_SOCKJS: n = snprintf(b, sizeof b, "GET %s/%03d/s%d_%d/websocket HTTP/1.1\r\nHost: %s:%d\r\n%s%s%s\r\n", p, i % 1000, getpid(), i, host, port, up, o, x); break;
  case P_XHRS: case P_XHR: n = snprintf(b, sizeof b, "POST %s/%03d/s%d_%d/%s HTTP/1.1\r\nHost: %s:%d\r\n%s%sContent-Length: 0\r\n\r\n", p, i % 1000, getpid(), i, proto == P_XHR ? "xhr" : "xhr_streaming", host, port, o, x); break;
  default: n = snprintf(b, sizeof b, "GET %s/%03d/s%d_%d/eventsource HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/event-stream\r\n%s%s\r\n", p, i % 1000, getpid(), i, host, port, o, x); }
  put(c, b, n); }
static void start1(void) { int i = nstarted++; conn_t *c = &C[i]; c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); if (c->fd < 0) { perror("socket"); exit(1); }
  int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); struct linger lg = { 1, 0 }; setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
  struct sockaddr_in s = { .sin_family = AF_INET }; char ip[32];
  if (nsrc > 1) { int x = 1; setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &x, sizeof x); snprintf(ip, sizeof ip, "127.0.0.%d", 2 + i % nsrc); inet_pton(AF_INET, ip, &s.sin_addr); if (bind(c->fd, (void *)&s, sizeof s)) { perror("bind"); exit(1); } }
  struct sockaddr_in d = { .sin_family = AF_INET, .sin_port = htons(port) }; inet_pton(AF_INET, host, &d.sin_addr);
  int r = connect(c->fd, (void *)&d, sizeof d); if (r && errno != EINPROGRESS) { perror("connect"); exit(1); }
  struct epoll_event e = { .events = EPOLLIN | EPOLLOUT, .data.u32 = i }; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e); c->st = ST_CONNECTING; }
static void ready(conn_t *c) { c->st = ST_OPEN; c->ntail = 0; c->gotmark = 0; nready++; if (nready == N) tconn1 = now(); if (nstarted < N) start1(); }
static int has(const char *b, size_t n, const char *s, size_t m) { return memmem(b, n, s, m) != NULL; }
#define HAS(s) has(b, n, s, sizeof(s) - 1)

static void dead(conn_t *c) { if (c->st == ST_DEAD) return; close(c->fd); if (c->st != ST_OPEN) { nready++; if (nready == N) tconn1 = now(); if (nstarted < N) start1(); } c->st = ST_DEAD; ndead++; }
static void hand(conn_t *c, const char *b, size_t n) { char f[512];
  switch (proto) {
  case P_WS: if (HAS("\r\n\r\n")) ready(c); break;
  case P_SOCKJS: // --hello is sent after the open frame; ready is then the first array frame, its answer
    if (c->step == 0 && HAS("\x81\x01o")) { if (*hello) { c->step = 1; wsframe(c, hello, strlen(hello)); } else ready(c); }
    if (c->step == 1 && HAS("a[")) ready(c);
    break;
  case P_XHRS: if (HAS("o\n\r\n")) ready(c); break;
  case P_ES: if (HAS("data: o")) ready(c); break;
  case P_XHR: if (HAS("chunked")) c->chunked = 1; if (HAS("o\n") && (!c->chunked || (n >= 5 && !memcmp(b + n - 5, "0\r\n\r\n", 5)))) { request(c); ready(c); } break;
  case P_SOCKETIO: if (c->step == 0 && HAS("\"sid\"")) { c->step = 1; wsframe(c, "40", 2); c->ntail = 0; } else if (c->step == 1 && HAS("40{")) ready(c); break;
  case P_STOMP:
    if (c->step == 0 && HAS("\r\n\r\n")) { c->step = 1; const char s[] = "CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\nheart-beat:0,0\n\n"; wsframe(c, s, sizeof s); c->ntail = 0; }
    else if (c->step == 1 && HAS("CONNECTED")) { c->step = 2; char d[256]; subst(d, sizeof d, dest, c - C); int k = snprintf(f, sizeof f, "SUBSCRIBE\nid:sub-0\ndestination:%s\nack:auto\nreceipt:r1\n\n", d); wsframe(c, f, k + 1); c->ntail = 0; }
    else if (c->step == 2 && HAS("RECEIPT")) ready(c); break; } }
static void scan(conn_t *c, const char *b, size_t n, size_t carry) { // b has carry old bytes + new
  const char *p = b, *e = b + n; uint64_t t = 0;
  while ((p = memmem(p, e - p, "@T", 2))) { if (e - p < 22) break; if (p[21] != ';') { p += 2; continue; }
    uint64_t v = 0; for (int i = 2; i < 21; i++) v = v * 10 + (p[i] - '0');
    if (!t) t = now(); if (!tfirst) tfirst = t; tlast = t; if (count < latcap) { uint64_t d = t > v ? (t - v) / 100 : 0; lat[count] = d > UINT32_MAX ? UINT32_MAX : d; } count++; c->gotmark = 1; p += 22; }
  if (proto == P_SOCKETIO && n - carry >= 3 && has(b + carry, n - carry, "\x81\x01" "2", 3)) wsframe(c, "3", 1);
  if (proto == P_XHR && n >= 5) { // a poll ends with the last chunk, or at "]\n" / "h\n" when Content-Length was used
    int end = c->chunked ? !memcmp(e - 5, "0\r\n\r\n", 5) : (!memcmp(e - 2, "]\n", 2)) || (!memcmp(e - 2, "h\n", 2)); if (end) { c->gotmark = 0; c->ntail = 0; request(c); } } }
static void onread(conn_t *c) { static char buf[TAIL + (1 << 18)]; size_t carry = c->ntail; memcpy(buf, c->tail, carry);
  ssize_t r = recv(c->fd, buf + carry, 1 << 18, 0); if (r == 0) { dead(c); return; } if (r < 0) { if (errno != EAGAIN) dead(c); return; }
  bytes += r; size_t n = carry + r; 
  if (c->st == ST_HAND) { hand(c, buf, n); if (c->st == ST_HAND) { size_t k = n < 32 ? n : 32; memcpy(c->tail, buf + n - k, k); c->ntail = k; } return; }
  scan(c, buf, n, carry);
  // keep up to 21 bytes, but never a complete marker
  size_t k = n < 21 ? n : 21; memcpy(c->tail, buf + n - k, k); c->ntail = k; }
static int cmp(const void *a, const void *b) { uint32_t x = *(uint32_t *)a, y = *(uint32_t *)b; return x < y ? -1 : x > y; }
static void stats(const char *tag) { struct rusage r; getrusage(RUSAGE_SELF, &r); size_t k = count < latcap ? count : latcap; uint64_t tl = tlast, tf = tfirst; qsort(lat, k, 4, cmp);
#define Q(p) (k ? lat[(size_t)((k - 1) * (p))] / 1e4 : 0)
  printf("{\"tag\":\"%s\",\"count\":%lu,\"bytes\":%lu,\"ready\":%d,\"dead\":%d,\"p50_ms\":%.4f,\"p90_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f,\"max_ms\":%.4f,\"span_ms\":%.3f,\"since_reset_ms\":%.3f,\"client_cpu_ms\":%.2f}\n",
    tag, count, bytes, nready, ndead, Q(.5), Q(.9), Q(.99), Q(.999), Q(1), tf ? (tl - tf) / 1e6 : 0, (now() - treset) / 1e6, rucpu(&r) - rucpu(&ru0)); fflush(stdout); }
static void reset(void) { count = bytes = tfirst = tlast = 0; getrusage(RUSAGE_SELF, &ru0); treset = now(); }

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) { char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--n")) N = atoi(v); else if (!strcmp(k, "--port")) port = atoi(v); else if (!strcmp(k, "--host")) host = v; else if (!strcmp(k, "--path")) path = v; else if (!strcmp(k, "--inflight")) inflight = atoi(v); else if (!strcmp(k, "--nsrc")) nsrc = atoi(v); else if (!strcmp(k, "--dest")) dest = v; else if (!strcmp(k, "--hello")) hello = v; else if (!strcmp(k, "--origin")) origin = v; else if (!strcmp(k, "--header")) { char *x = malloc(strlen(v) + strlen(extra) + 3); sprintf(x, "%s%s\r\n", extra, v); extra = x; }
    else if (!strcmp(k, "--proto")) { const char *nm[] = { "ws", "sockjs", "xhrs", "es", "xhr", "socketio", "stomp" }; proto = -1; for (int j = 0; j < 7; j++) if (!strcmp(v, nm[j])) proto = j; if (proto < 0) { fprintf(stderr, "proto?\n"); return 2; } } else { fprintf(stderr, "? %s\n", k); return 2; } }
  lat = malloc(latcap * 4); C = calloc(N, sizeof *C); ep = epoll_create1(0); reset();
  tconn0 = now(); for (int i = 0; i < inflight && nstarted < N; i++) start1();
  struct epoll_event se = { .events = EPOLLIN, .data.u32 = UINT32_MAX }; epoll_ctl(ep, EPOLL_CTL_ADD, 0, &se);
  struct epoll_event ev[512]; int announced = 0; uint64_t waitn = 0, waitdl = 0; char line[256]; size_t ll = 0;
  for (;;) {
    int to = waitdl ? 1 : 1000; int k = epoll_wait(ep, ev, 512, to);
    for (int j = 0; j < k; j++) { uint32_t id = ev[j].data.u32;
      if (id == UINT32_MAX) { char rb[256]; ssize_t r = read(0, rb, sizeof rb); if (r <= 0) return 0;
        for (ssize_t q = 0; q < r; q++) { if (rb[q] != '\n') { if (ll < 255) line[ll++] = rb[q]; continue; } line[ll] = 0; ll = 0;
          if (!strncmp(line, "reset", 5)) { reset(); printf("{\"tag\":\"reset\"}\n"); fflush(stdout); } else if (!strncmp(line, "stats", 5)) stats("stats"); else if (!strncmp(line, "quit", 4)) return 0;
          else if (!strncmp(line, "wait", 4)) { unsigned long a; unsigned long b; sscanf(line + 4, "%lu %lu", &a, &b); waitn = a; waitdl = now() + b * 1000000ull; } } continue; }
      conn_t *c = &C[id]; if (c->st == ST_DEAD) continue;
      if (c->st == ST_CONNECTING) { if (ev[j].events & (EPOLLERR | EPOLLHUP)) { dead(c); continue; } if (ev[j].events & EPOLLOUT) { struct epoll_event e = { .events = EPOLLIN, .data.u32 = id }; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->st = ST_HAND; request(c); } continue; }
      if (ev[j].events & EPOLLIN) onread(c); else if (ev[j].events & (EPOLLERR | EPOLLHUP)) dead(c); }
    if (!announced && nready == N) { announced = 1; struct rusage r; getrusage(RUSAGE_SELF, &r); printf("{\"tag\":\"connected\",\"n\":%d,\"dead\":%d,\"connect_ms\":%.2f,\"conn_per_s\":%.0f,\"client_cpu_ms\":%.1f}\n", N, ndead, (tconn1 - tconn0) / 1e6, N / ((tconn1 - tconn0) / 1e9), rucpu(&r)); fflush(stdout); }
    if (waitdl && (count >= waitn || now() > waitdl)) { int ok = count >= waitn; waitdl = 0; stats(ok ? "wait" : "timeout"); } } }
