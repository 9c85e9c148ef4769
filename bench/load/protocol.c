// What comes in a WebSocket frame: SockJS's framing, the frames of PROTOCOL.md, and the marks that publishers put
// last in each message: "@S" + 8 digits of its number, and "@T" + 19 digits of CLOCK_MONOTONIC nanoseconds + ";".
#include "clients.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 240, MARK_AREA = 120, NUMBER_DIGITS = 8, TIME_DIGITS = 19 };
#define MS 1000000ull

static const char *find(const char *in, size_t length, const char *text) {
  return memmem(in, length, text, strlen(text));
}

static uint64_t digits(const char *at, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value = value * 10 + (uint64_t)(at[i] - '0');
  return value;
}

static void greet(struct client *client) {
  char hello[160];
  int length = client->cursor[0]
    ? snprintf(hello, sizeof hello, "[\"{\\\"type\\\":\\\"hello\\\",\\\"cursor\\\":\\\"%s\\\"}\"]", client->cursor)
    : snprintf(hello, sizeof hello, "[\"{\\\"type\\\":\\\"hello\\\"}\"]");
  send_text(client, hello, (size_t)length);
}

// The connection is there: with SockJS its open frame has come, without it the handshake has been answered.
void opened(struct client *client) {
  if (settings.hello) greet(client);
  else became_ready(client);
}

static void keep_cursor(struct client *client, const char *head, size_t length) {
  static const char name[] = "\\\"cursor\\\":\\\"";
  const char *at = find(head, length, name);
  if (!at) return;
  at += sizeof name - 1;
  const char *end = memchr(at, '\\', (size_t)(head + length - at));
  if (!end || (size_t)(end - at) >= sizeof client->cursor) return;
  memcpy(client->cursor, at, (size_t)(end - at));
  client->cursor[end - at] = 0;
}

static void keep_account(struct client *client, uint64_t number) {
  if (number >= settings.messages) return;
  if (!client->seen) client->seen = calloc(settings.messages / 8 + 1, 1);
  uint8_t bit = (uint8_t)(1 << (number & 7));
  if (client->seen[number >> 3] & bit) totals.repeated++;
  client->seen[number >> 3] |= bit;
}

static void message(struct client *client, const char *payload, size_t length, uint64_t now) {
  size_t area = length < MARK_AREA ? length : MARK_AREA;
  const char *tail = payload + length - area, *time = find(tail, area, "@T");
  if (!time || tail + area - time < 2 + TIME_DIGITS) return;
  const char *number = find(tail, (size_t)(time - tail), "@S");
  if (number) keep_account(client, digits(number + 2, NUMBER_DIGITS));
  uint64_t published = digits(time + 2, TIME_DIGITS);
  add(&latencies, now > published ? now - published : 0);
  // What it missed while it was away counts from its return.
  if (published < client->back_at) add(&replays, now - client->back_at);
  if (!totals.first_at) totals.first_at = now;
  totals.last_at = now;
  totals.messages++;
}

static void welcomed(struct client *client, const char *head, size_t length, uint64_t now) {
  if (client->back_at) {
    add(&outages, now - client->back_at);
    totals.returned++;
    if (find(head, length, "recovered\\\":false")) totals.unrecovered++;
  }
  became_ready(client);
}

// c[4012,"going-away 1200"]: it is told when to come back; everybody else who is closed comes back at once.
static void told_to_go(struct client *client, int code, const char *reason, size_t length) {
  if (code == 4008) totals.closed_4008++;
  else if (code == 4012) totals.closed_4012++;
  else totals.closed_other++;
  uint64_t delay = 0;
  const char *space = memchr(reason, ' ', length);
  if (space) delay = strtoull(space + 1, NULL, 10) * MS;
  client->port = (uint16_t)((client->port + 1) % settings.port_count);
  went(client, delay);
}

void received(struct client *client, const char *payload, size_t length, uint64_t now) {
  if (!settings.sockjs) {
    message(client, payload, length, now);
    return;
  }
  if (length == 0) return;
  if (payload[0] == 'o' && client->state == GREETING) opened(client);
  if (payload[0] == 'c' && length > 7)
    told_to_go(client, atoi(payload + 2), payload + 2, length - 3 < 64 ? length - 3 : 64);
  if (payload[0] != 'a') return;
  size_t head = length < HEAD ? length : HEAD;
  if (settings.hello) {
    keep_cursor(client, payload, head);
    if (client->state == GREETING && find(payload, head, "welcome")) welcomed(client, payload, head, now);
  }
  message(client, payload, length, now);
}

void received_close(struct client *client, const char *payload, size_t length) {
  int code = length >= 2 ? ((uint8_t)payload[0] << 8 | (uint8_t)payload[1]) : 1005;
  told_to_go(client, code, length > 2 ? payload + 2 : "", length > 2 ? length - 2 : 0);
}

static int has(const struct client *client, uint64_t number) {
  return client->seen && client->seen[number >> 3] & (1 << (number & 7));
}

uint64_t missing(uint64_t from, uint64_t to, uint64_t every_all) {
  uint64_t count = 0;
  for (uint64_t number = from; number < to && number < settings.messages; number++) {
    if (every_all && number % every_all == 0) {
      for (int i = 0; i < settings.count; i++) count += !has(&clients[i], number);
    } else {
      count += !has(&clients[number % (uint64_t)settings.count], number);
    }
  }
  return count;
}
