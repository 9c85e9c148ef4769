/** Bounds the wait for an answer that may never come: commands to a Redis that is away wait until it is back. */

/** @throws Error after `ms`; the promise itself goes on */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
