// The event loop. One JSON line on stdout when all are connected, and one for each command on stdin:
//   reset                     forget latencies and counts (not which messages arrived)
//   stats                     counts and percentiles since then
//   wait COUNT MS             the same, when so many messages have arrived, or after so long
//   all-ready MS              the same, when all are connected, or after so long
//   missing FROM TO EVERY     how many of these messages did not arrive where they should have; see clients.h
//   drop MS                   all lose their network now, for so long
//   jitter PERIOD MS          each loses its network for so long in every period, at a time of its own; 0 0: no more
//   stall | resume            nobody reads any more | they do again
//   quit
// Options: --ports 8001,8002 --n 10000 --path /push --header 'Cookie: __ac=user%d' (%d is the client's index)
//   --sockjs 1 --hello 1 (speaks PROTOCOL.md) --returning 1 (connects again, with its cursor) --messages 100000
//   --sources 8 (loopback addresses to connect from) --inflight 128 (handshakes at once at the start)
#include "clients.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { STDIN_ID = UINT32_MAX, TICK_MS = 2 };
#define MS 1000000ull

struct settings settings = { .count = 1000, .sources = 8, .inflight = 128, .path = "/", .header = "" };
struct totals totals;
struct client *clients;
struct sample latencies, replays, outages;
uint64_t *connect_at, *drop_at;
int epoll;

static int started, waiting_for_all = 1;
static uint64_t began_at, reset_at, period_ns, down_ns, wait_until, wait_count;
static enum { NOTHING, MESSAGES, EVERYBODY } waited_for;
static const char *waited_as;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t random_ns(uint64_t below) { return (uint64_t)(drand48() * (double)below); }

static double cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static void start_next(void) {
  if (started < settings.count) open_socket(&clients[started++]);
}

void became_ready(struct client *client) {
  if (client->state == READY) return;
  client->state = READY;
  client->failures = 0;
  totals.ready++;
  if (waiting_for_all) start_next();
}

void went(struct client *client, uint64_t back_after_ns) {
  if (client->state == READY) totals.ready--;
  else if (waiting_for_all && !settings.returning) start_next();
  close_socket(client);
  client->state = AWAY;
  if (!settings.returning) return;
  connect_at[client - clients] = now_ns() + back_after_ns + 1;
}

static void drop(struct client *client, uint64_t now) {
  if (client->state == READY) totals.ready--;
  close_socket(client);
  client->state = AWAY;
  client->failures = 0;
  connect_at[client - clients] = now + down_ns;
}

static void tick(uint64_t now) {
  for (int i = 0; i < settings.count; i++) {
    struct client *client = &clients[i];
    if (drop_at[i] && drop_at[i] <= now) {
      drop_at[i] = period_ns ? drop_at[i] + period_ns : 0;
      drop(client, now);
    }
    if (connect_at[i] && connect_at[i] <= now) {
      // The failed attempts of one return count from its first.
      if (client->failures == 0) client->back_at = connect_at[i];
      connect_at[i] = 0;
      open_socket(client);
    }
  }
}

static void print_stats(const char *tag) {
  printf("{\"tag\":\"%s\",\"count\":%lu,\"bytes\":%lu,\"ready\":%d,\"lost\":%d,\"refused\":%d,\"repeated\":%lu,"
    "\"p50_ms\":%.4f,\"p99_ms\":%.4f,\"max_ms\":%.4f,\"span_ms\":%.3f,\"since_reset_ms\":%.3f,\"cpu_ms\":%.2f,"
    "\"returned\":%d,\"unrecovered\":%lu,\"back_p50_ms\":%.2f,\"back_p99_ms\":%.2f,\"back_max_ms\":%.2f,"
    "\"replayed\":%zu,\"replay_p50_ms\":%.2f,\"replay_p99_ms\":%.2f,\"replay_max_ms\":%.2f,"
    "\"closed_4008\":%d,\"closed_4012\":%d,\"closed_other\":%d}\n",
    tag, totals.messages, totals.bytes, totals.ready, totals.lost, totals.refused, totals.repeated,
    percentile_ms(&latencies, .5), percentile_ms(&latencies, .99), percentile_ms(&latencies, 1),
    (double)(totals.last_at - totals.first_at) / 1e6, (double)(now_ns() - reset_at) / 1e6, cpu_ms(),
    totals.returned, totals.unrecovered, percentile_ms(&outages, .5), percentile_ms(&outages, .99),
    percentile_ms(&outages, 1), replays.count, percentile_ms(&replays, .5), percentile_ms(&replays, .99),
    percentile_ms(&replays, 1), totals.closed_4008, totals.closed_4012, totals.closed_other);
  fflush(stdout);
}

static void done(const char *tag) { printf("{\"tag\":\"%s\"}\n", tag); fflush(stdout); }

static void reset(void) {
  int ready = totals.ready;
  totals = (struct totals){ .ready = ready };
  clear(&latencies), clear(&replays), clear(&outages);
  reset_at = now_ns();
}

static void await(int what, uint64_t count, uint64_t ms, const char *tag) {
  waited_for = what, wait_count = count, wait_until = now_ns() + ms * MS, waited_as = tag;
}

static void command(const char *line) {
  unsigned long a = 0, b = 0, c = 0;
  uint64_t now = now_ns();
  if (!strcmp(line, "reset")) { reset(); done("reset"); }
  else if (!strcmp(line, "stats")) print_stats("stats");
  else if (!strcmp(line, "quit")) exit(0);
  else if (sscanf(line, "wait %lu %lu", &a, &b) == 2) await(MESSAGES, a, b, "wait");
  else if (sscanf(line, "all-ready %lu", &a) == 1) await(EVERYBODY, 0, a, "all-ready");
  else if (sscanf(line, "missing %lu %lu %lu", &a, &b, &c) == 3) {
    printf("{\"tag\":\"missing\",\"missing\":%lu,\"repeated\":%lu}\n", missing(a, b, c), totals.repeated);
    fflush(stdout);
  } else if (sscanf(line, "drop %lu", &a) == 1) {
    period_ns = 0, down_ns = a * MS;
    for (int i = 0; i < settings.count; i++) drop_at[i] = now;
    done("drop");
  } else if (sscanf(line, "jitter %lu %lu", &a, &b) == 2) {
    period_ns = a * MS, down_ns = b * MS;
    for (int i = 0; i < settings.count; i++) drop_at[i] = period_ns ? now + 1 + random_ns(period_ns) : 0;
    done("jitter");
  } else if (!strcmp(line, "stall") || !strcmp(line, "resume")) {
    for (int i = 0; i < settings.count; i++) if (clients[i].fd >= 0) watch(&clients[i], line[0] == 'r');
    done(line);
  } else {
    fprintf(stderr, "clients: no such command: %s\n", line);
    exit(2);
  }
}

static void read_commands(void) {
  static char line[256];
  static size_t length;
  char bytes[256];
  ssize_t got = read(0, bytes, sizeof bytes);
  if (got <= 0) exit(0);
  for (ssize_t i = 0; i < got; i++) {
    if (bytes[i] != '\n') { if (length < sizeof line - 1) line[length++] = bytes[i]; continue; }
    line[length] = 0, length = 0;
    command(line);
  }
}

// The lines of a file, one for each client.
static char **lines(const char *path) {
  FILE *file = fopen(path, "r");
  char **all = calloc((size_t)settings.count, sizeof *all);
  size_t room = 0;
  for (int i = 0; file && all && i < settings.count; i++) {
    ssize_t length = getline(&all[i], (room = 0, &room), file);
    if (length < 1) { fprintf(stderr, "clients: %s has fewer lines than there are clients\n", path); exit(2); }
    if (all[i][length - 1] == '\n') all[i][length - 1] = 0;
  }
  if (!file || !all) { perror(path); exit(2); }
  fclose(file);
  return all;
}

static void options(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i];
    char *value = argv[i + 1];
    if (!strcmp(name, "--n")) settings.count = atoi(value);
    else if (!strcmp(name, "--path")) settings.path = value;
    else if (!strcmp(name, "--header")) settings.header = value;
    else if (!strcmp(name, "--headers")) settings.headers = lines(value); // after --n
    else if (!strcmp(name, "--sockjs")) settings.sockjs = atoi(value);
    else if (!strcmp(name, "--hello")) settings.hello = atoi(value);
    else if (!strcmp(name, "--returning")) settings.returning = atoi(value);
    else if (!strcmp(name, "--messages")) settings.messages = strtoul(value, NULL, 10);
    else if (!strcmp(name, "--sources")) settings.sources = atoi(value);
    else if (!strcmp(name, "--inflight")) settings.inflight = atoi(value);
    else if (!strcmp(name, "--ports")) {
      for (char *port = strtok(value, ","); port && settings.port_count < 8; port = strtok(NULL, ","))
        settings.ports[settings.port_count++] = atoi(port);
    } else {
      fprintf(stderr, "clients: no such option: %s\n", name);
      exit(2);
    }
  }
}

static void settle_waits(uint64_t now) {
  if (waiting_for_all && totals.ready == settings.count) {
    waiting_for_all = 0;
    double ms = (double)(now - began_at) / 1e6;
    printf("{\"tag\":\"connected\",\"connect_ms\":%.2f,\"per_s\":%.0f}\n", ms, settings.count / ms * 1e3);
    fflush(stdout);
  }
  if (!waited_for) return;
  int reached = waited_for == MESSAGES ? totals.messages >= wait_count : totals.ready == settings.count;
  if (!reached && now < wait_until) return;
  waited_for = NOTHING;
  print_stats(waited_as);
}

int main(int argc, char **argv) {
  options(argc, argv);
  size_t count = (size_t)settings.count;
  clients = calloc(count, sizeof *clients);
  connect_at = calloc(count, sizeof *connect_at);
  drop_at = calloc(count, sizeof *drop_at);
  epoll = epoll_create1(0);
  if (!clients || !connect_at || !drop_at || epoll < 0) { perror("clients"); return 1; }
  for (size_t i = 0; i < count; i++) clients[i].fd = -1;
  struct epoll_event input = { .events = EPOLLIN, .data.u32 = STDIN_ID };
  epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &input);
  srand48(getpid());
  began_at = reset_at = now_ns();
  for (int i = 0; i < settings.inflight; i++) start_next();
  struct epoll_event events[512];
  uint64_t ticked_at = 0;
  for (;;) {
    int got = epoll_wait(epoll, events, 512, waited_for || settings.returning ? TICK_MS : 1000);
    for (int i = 0; i < got; i++) {
      if (events[i].data.u32 == STDIN_ID) read_commands();
      else on_event(&clients[events[i].data.u32], events[i].events);
    }
    uint64_t now = now_ns();
    if (settings.returning && now - ticked_at >= TICK_MS * MS) { tick(now); ticked_at = now; }
    settle_waits(now);
  }
}
