/** Whether the Redis Stream still has all that followed what was read: after a restart, a restore, a deletion, a trim. */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { compareCursors, cursorTime, CURSOR_START, type Cursor } from "push-protocol";
import { ANY_TOPIC, ANY_TOPIC_AT_START, LUA_SCORE, toScore } from "./redis-losses.ts";

/**
 * Looks, and writes down what nodes that start later have to know. `state` is a hash: `epoch` (when the log began, and
 * a name for it), `forgotten` (records that the nodes deleted), `seen` (records that were ever added), `trims` (how
 * often somebody else deleted some). A stream that lies before what was read already, by a clock that went back, is
 * lifted above it: positions never go backwards.
 */
const LOOK = `
local stream, state, lost = KEYS[1], KEYS[2], KEYS[3]
local last, name = ARGV[1], ARGV[2]
${LUA_SCORE}
local function before(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  return ams < bms or (ams == bms and aseq < bseq)
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local info = { ['entries-added'] = 0, length = 0, ['last-generated-id'] = '0-0', ['max-deleted-entry-id'] = '0-0' }
if redis.call('EXISTS', stream) == 1 then
  info['entries-added'] = -1
  local flat = redis.call('XINFO', 'STREAM', stream)
  for i = 1, #flat, 2 do info[flat[i]] = flat[i + 1] end
end
local added, length, top = info['entries-added'], info.length, info['last-generated-id']
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local following = redis.call('XRANGE', stream, '(' .. last, '+', 'COUNT', 1)[1]
local present = #redis.call('XRANGE', stream, last, last)
local epoch = redis.call('HGET', state, 'epoch')
if not epoch then
  epoch = now .. '-' .. name
  redis.call('HSET', state, 'epoch', epoch, 'forgotten', added - length, 'trims', 0, 'seen', 0)
end
if added >= 0 then
  local counts = redis.call('HMGET', state, 'forgotten', 'seen')
  if added - length ~= tonumber(counts[1]) or added < tonumber(counts[2]) then
    redis.call('HINCRBY', state, 'trims', 1)
    redis.call('ZADD', lost, 'GT', first and score(first[1]) - 1 or now * 4096 - 1, '${ANY_TOPIC_AT_START}')
  end
  redis.call('HSET', state, 'forgotten', added - length, 'seen', added)
end
local lifted = ''
local lastMs, lastSeq = parts(last)
if before(top, last) and tonumber(now) <= lastMs then
  lifted = string.format('%.0f-%.0f', lastMs, lastSeq + 1)
  redis.call('XADD', stream, lifted, 'to', '', 'control', 'lift', 'message', '')
  redis.call('HINCRBY', state, 'seen', 1)
end
return { epoch, now, added, length, top, info['max-deleted-entry-id'], first and first[1] or '',
  following and following[1] or '', present, redis.call('HGET', state, 'trims'), lifted }
`;

interface Facts {
  readonly epoch: string;
  readonly nowMs: number;
  /** Ever added; -1: this Redis does not count them (before 7.0). */
  readonly added: number;
  readonly length: number;
  readonly top: Cursor;
  /** The greatest that was deleted one by one. */
  readonly deleted: Cursor;
  /** The first that is there. */
  readonly first: Cursor | undefined;
  /** The first that is there after the last one that was read. */
  readonly following: Cursor | undefined;
  /** Whether the last one that was read is still there. */
  readonly present: boolean;
  readonly trims: number;
  readonly lifted: Cursor | undefined;
}

export class RedisContinuity {
  readonly #redis: Redis;
  readonly #key: string;
  #known: { readonly epoch: string; readonly trims: number } | undefined;
  /** How many had ever been added when the last one that was read was the newest; undefined: not known. */
  #added: number | undefined;
  #clockAheadMs = 0;

  constructor(redis: Redis, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  /** Milliseconds by which Redis's clock is ahead of ours. */
  get clockAheadMs(): number {
    return this.#clockAheadMs;
  }

  /** So many more records were read. */
  read(count: number): void {
    if (this.#added !== undefined) this.#added += count;
  }

  /**
   * @param last the last record that was read, if any
   * @returns up to where messages may be missing, for all who have no later cursor; undefined: none is
   */
  async look(last: Cursor): Promise<Cursor | undefined> {
    const facts = await this.#ask(last);
    const known = this.#known;
    const isLost = known !== undefined && this.#isLost(facts, last, known.trims, known.epoch);
    const upTo = isLost ? lostUpTo(facts) : undefined;
    // Before it counts as known: should this fail, the next look finds it again.
    if (upTo !== undefined) await this.#redis.zadd(`${this.#key}:lost`, "GT", toScore(upTo), ANY_TOPIC);
    this.#clockAheadMs = facts.nowMs - Date.now();
    this.#known = facts;
    this.#count(facts, last, isLost);
    return known === undefined ? justBefore(Number(facts.epoch.slice(0, facts.epoch.indexOf("-")))) : upTo;
  }

  #isLost(facts: Facts, last: Cursor, trims: number, epoch: string): boolean {
    const { added, length, first, deleted } = facts;
    if (facts.epoch !== epoch) return true; // all of it, and what is there now is another log
    if (compareCursors(facts.top, last) < 0) return true; // an older state of it
    if (added < 0) return false;
    if (this.#added !== undefined && added < this.#added) return true; // deleted, or an older state
    if (last === CURSOR_START || facts.present) return false;
    if (facts.trims === trims) return compareCursors(deleted, last) < 0; // an older state that went on since
    // Somebody trimmed it: did that take more than what was read already?
    const isPast = first === undefined || compareCursors(first, last) > 0;
    return isPast && (this.#added === undefined || added - this.#added > length);
  }

  #count({ added, length, top, first, following }: Facts, last: Cursor, isLost: boolean): void {
    if (added < 0) this.#added = undefined;
    else if (following === undefined || top === last) this.#added = added;
    else if (following === first) this.#added = added - length;
    else if (isLost) this.#added = undefined; // until all has been read
  }

  async #ask(last: Cursor): Promise<Facts> {
    const keys = [this.#key, `${this.#key}:state`, `${this.#key}:lost`];
    const answer = (await this.#redis.eval(LOOK, keys.length, ...keys, last, randomUUID())) as unknown[];
    const [epoch = "", now, added, length, top, deleted, first, following, present, trims, lifted] =
      answer.map(String);
    return {
      epoch,
      nowMs: Number(now),
      added: Number(added),
      length: Number(length),
      top: cursorOf(top) ?? CURSOR_START,
      deleted: cursorOf(deleted) ?? CURSOR_START,
      first: cursorOf(first),
      following: cursorOf(following),
      present: Number(present) > 0,
      trims: Number(trims),
      lifted: cursorOf(lifted),
    };
  }
}

/** Everything before what is there and was not read yet; if there is nothing, everything until now. */
function lostUpTo({ lifted, following, nowMs }: Facts): Cursor {
  if (lifted !== undefined) return lifted;
  if (following === undefined) return justBefore(nowMs);
  const sequence = Number(following.slice(following.indexOf("-") + 1));
  const ms = cursorTime(following);
  return sequence > 0 ? `${ms}-${sequence - 1}` : justBefore(ms);
}

/** A position before all of this millisecond, and after all that is known of the one before. */
function justBefore(ms: number): Cursor {
  return `${ms - 1}-4095`; // the greatest sequence that a score holds exactly
}

/** Of whatever id somebody may have chosen: beyond what a cursor holds it is the greatest that one can be. */
function cursorOf(id = ""): Cursor | undefined {
  const [ms, sequence] = id.split("-").map((part) => Math.min(Number(part), Number.MAX_SAFE_INTEGER));
  return ms === undefined || sequence === undefined ? undefined : `${ms}-${sequence}`;
}
