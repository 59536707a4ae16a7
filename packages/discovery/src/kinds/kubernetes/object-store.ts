import { isDeepStrictEqual } from "node:util";
import type { ObjectSink } from "./list-watch.ts";

export type ObjectEvent = "add" | "update" | "delete";

export interface StoreListener {
  /** Called for each event, for the event counters. `isSame` is true if no kept field has changed. */
  changed(key: string, event: ObjectEvent, isSame: boolean): void;
  /** Called once after a group of changes. */
  settled(): void;
}

/** The objects of one kind in the cluster. */
export class ObjectStore<T> implements ObjectSink<T> {
  #objects = new Map<string, T>();
  #isComplete = false;
  readonly #listeners: StoreListener[] = [];

  /** True if all objects have been listed once. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  listen(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  replace(objects: ReadonlyMap<string, T>): void {
    this.#isComplete = true;
    for (const key of this.#objects.keys()) if (!objects.has(key)) this.#set(key, undefined);
    for (const [key, object] of objects) {
      const before = this.#objects.get(key);
      if (before === undefined || !isDeepStrictEqual(before, object)) this.#set(key, object);
    }
    this.#settle();
  }

  apply(changes: readonly (readonly [key: string, object: T | undefined])[]): void {
    for (const [key, object] of changes) this.#set(key, object);
    this.#settle();
  }

  #set(key: string, object: T | undefined): void {
    const before = this.#objects.get(key);
    if (object === undefined) {
      if (!this.#objects.delete(key)) return;
      this.#notify(key, "delete", false);
      return;
    }
    this.#objects.set(key, object);
    if (before === undefined) this.#notify(key, "add", false);
    else this.#notify(key, "update", isDeepStrictEqual(before, object));
  }

  #notify(key: string, event: ObjectEvent, isSame: boolean): void {
    for (const listener of this.#listeners) listener.changed(key, event, isSame);
  }

  #settle(): void {
    for (const listener of this.#listeners) listener.settled();
  }
}
