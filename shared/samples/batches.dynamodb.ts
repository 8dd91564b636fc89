/** Batches and the dictionaries of their names, on DynamoDB. */
import { assert } from '../platform/assert.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import {
  batchesPk,
  batchKey,
  batchRange,
  decodeBatchSk,
  dictionaryKey,
  dictionaryRange,
  FIRST_SLOT,
  LAST_SLOT,
} from './keys.ts';
import { BATCH_LIFE_SECONDS, expiry, isAlive } from './life.dynamodb.ts';
import { packBatch, unpackBatch } from './packing.ts';
import type { Batch, TargetRef } from './sample.ts';

export interface RangeOptions {
  readonly whole: boolean;
  readonly entity?: string;
}

export interface BatchStore {
  put(batch: Batch): Promise<{ batch: Batch; existed: boolean }>;
  /** Newest first, consistent. */
  newest(ref: TargetRef, limit: number): Promise<Batch[]>;
  /**
   * Slots in [from, to), in order of slot, then part. With `whole`, consistent and what DynamoDB has yet to delete too;
   * with `entity`, its readings alone.
   */
  range(ref: TargetRef, from: Instant, to: Instant, options: RangeOptions): Promise<Batch[]>;
}

interface Dictionary {
  readonly generation: number;
  readonly words: readonly string[];
}

const EMPTY: Dictionary = { generation: 0, words: [] };
/** Names come and go; a list that only grows is followed by a fresh one before an item could become too large. */
const FULL_DICTIONARY_WORDS = 5000;
/** Targets whose names a function keeps in memory. */
const REMEMBERED_TARGETS = 500;
/** Two writers of one target meet rarely (an import beside a run); a third meeting in a row is a fault. */
const DICTIONARY_ATTEMPTS = 5;

export function createBatchStore(table: Table, clock: Clock): BatchStore {
  const dictionaries = createDictionaries(table);
  const decode = async (ref: TargetRef, item: Item, entity?: string): Promise<Batch> => {
    const { d: generation, w: words, b: bytes } = item as { d: number; w: number; b: Uint8Array };
    const dictionary = await dictionaries.read(ref, generation, words);
    return unpackBatch(bytes, { ...ref, ...decodeBatchSk(String(item.sk)) }, dictionary.words, entity);
  };
  /** One after the other: the first loads the dictionary that all others share. */
  const decodeAll = async (ref: TargetRef, items: readonly Item[], entity?: string): Promise<Batch[]> => {
    const batches: Batch[] = [];
    for (const item of items) batches.push(await decode(ref, item, entity));
    return batches;
  };
  return {
    async put(batch) {
      const ref: TargetRef = { tenant: batch.tenant, kind: batch.kind, target: batch.target };
      const key = batchKey(ref, batch.slot, batch.part);
      const packed = await dictionaries.pack(ref, batch);
      const item = { ...key, ...packed, [TTL]: expiry(batch.receivedAt, BATCH_LIFE_SECONDS) };
      if (await table.put(item, { ConditionExpression: 'attribute_not_exists(pk)' })) return { batch, existed: false };
      const stored = await table.get(key, { consistent: true });
      if (!stored) throw new AppError('STORE_UNAVAILABLE', 'a batch that exists could not be read');
      return { batch: await decode(ref, stored), existed: true };
    },
    async newest(ref, limit) {
      const items = await table.queryAll(
        {
          ...between(batchesPk(ref), batchRange(FIRST_SLOT, LAST_SLOT)),
          ScanIndexForward: false,
          Limit: limit,
          ConsistentRead: true,
        },
        limit,
      );
      return decodeAll(ref, items.filter((item) => isAlive(item, clock.now())).slice(0, limit));
    },
    async range(ref, from, to, { whole, entity }) {
      if (from >= to) return [];
      const items = await table.queryAll({ ...between(batchesPk(ref), batchRange(from, to)), ConsistentRead: whole });
      const alive = whole ? items : items.filter((item) => isAlive(item, clock.now()));
      return decodeAll(ref, alive, entity);
    },
  };
}

/** A query of one partition between two sort keys, both included. */
export function between(pk: string, { first, last }: { first: string; last: string }) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': last },
  };
}

interface PackedItem {
  readonly b: Uint8Array;
  /** Generation of the dictionary, and how many of its words must be known to read the batch. */
  readonly d: number;
  readonly w: number;
}

interface Dictionaries {
  /** Stores new words before it returns, so that no batch is ever stored whose names are not. */
  pack(ref: TargetRef, batch: Batch): Promise<PackedItem>;
  read(ref: TargetRef, generation: number, words: number): Promise<Dictionary>;
}

function createDictionaries(table: Table): Dictionaries {
  const newest = new Map<string, Dictionary>();
  const older = new Map<string, Dictionary>();
  const remember = (into: Map<string, Dictionary>, key: string, dictionary: Dictionary): Dictionary => {
    if (into.size >= REMEMBERED_TARGETS) into.clear();
    into.set(key, dictionary);
    return dictionary;
  };
  const loadNewest = async (ref: TargetRef): Promise<Dictionary> => {
    const pk = batchesPk(ref);
    const { items } = await table.query({
      ...between(pk, dictionaryRange()),
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    });
    return remember(newest, pk, items[0] ? decodeDictionary(items[0]) : EMPTY);
  };
  const store = async (ref: TargetRef, before: Dictionary, after: Dictionary): Promise<boolean> => {
    const key = dictionaryKey(ref, after.generation);
    const first = before.generation !== after.generation || before.words.length === 0;
    const written = await table.put(
      { ...key, g: after.generation, words: [...after.words], count: after.words.length },
      first
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#count = :count',
            ExpressionAttributeNames: { '#count': 'count' },
            ExpressionAttributeValues: { ':count': before.words.length },
          },
    );
    if (written) remember(newest, key.pk, after);
    else newest.delete(key.pk);
    return written;
  };
  return {
    async pack(ref, batch) {
      for (let attempt = 0; attempt < DICTIONARY_ATTEMPTS; attempt++) {
        const before = newest.get(batchesPk(ref)) ?? (await loadNewest(ref));
        let after = grown(before, batch);
        if (after.words.length > FULL_DICTIONARY_WORDS && before.words.length > 0) {
          after = grown({ generation: before.generation + 1, words: [] }, batch);
        }
        const unchanged = after.generation === before.generation && after.words.length === before.words.length;
        if (unchanged || (await store(ref, before, after))) {
          return { b: after.bytes, d: after.generation, w: after.words.length };
        }
      }
      throw new AppError('STORE_UNAVAILABLE', 'the names of a target could not be stored');
    },
    async read(ref, generation, words) {
      const pk = batchesPk(ref);
      const id = `${pk}#${generation}`;
      const known = [newest.get(pk), older.get(id)].find(
        (d) => d?.generation === generation && d.words.length >= words,
      );
      if (known) return known;
      const item = await table.get(dictionaryKey(ref, generation), { consistent: true });
      const dictionary = item ? decodeDictionary(item) : EMPTY;
      assert(
        dictionary.words.length >= words,
        `a batch of ${pk} needs ${words} names, ${dictionary.words.length} stored`,
      );
      return remember(older, id, dictionary);
    },
  };
}

function grown(before: Dictionary, batch: Batch): Dictionary & { bytes: Uint8Array } {
  const { bytes, dictionary } = packBatch(batch, before.words);
  return { generation: before.generation, words: dictionary, bytes };
}

function decodeDictionary(item: Item): Dictionary {
  return { generation: Number(item.g), words: item.words as string[] };
}
