type AnyFunction = (...args: unknown[]) => unknown;

/** Records the arguments of the last call of each function and class of modules. */
export class RecordedCalls {
  readonly #last = new Map<string, readonly unknown[]>();

  /**
   * Returns a copy of the module whose functions, classes and static methods record their arguments.
   * @param instead functions that replace those of the module with the same name
   */
  record<M extends object>(module: M, instead: Readonly<Record<string, unknown>> = {}): M {
    const wrapped = Object.entries(module).map(([name, value]) => [name, this.#wrapped(name, instead[name] ?? value)]);
    return Object.fromEntries(wrapped) as M;
  }

  /** Returns the value at a path. For example, `openTsdb/1/walFsync` is a member of the second argument. */
  at(path: string): unknown {
    const [name = "", ...members] = path.split("/");
    return members.reduce<unknown>(
      (value, member) => (value as Record<string, unknown> | undefined)?.[member],
      this.#last.get(name),
    );
  }

  clear(): void {
    this.#last.clear();
  }

  #wrapped(name: string, value: unknown): unknown {
    if (typeof value !== "function") return value;
    return new Proxy(value as AnyFunction, {
      apply: (target, self, args: unknown[]) => {
        this.#last.set(name, args);
        return Reflect.apply(target, self, args);
      },
      construct: (target, args: unknown[], newTarget: AnyFunction) => {
        this.#last.set(name, args);
        return Reflect.construct(target, args, newTarget) as object;
      },
      get: (target, member) => {
        const own: unknown = Reflect.get(target, member);
        if (typeof own !== "function" || typeof member !== "string" || !Object.hasOwn(target, member)) return own;
        return (...args: unknown[]): unknown => {
          this.#last.set(`${name}.${member}`, args);
          return Reflect.apply(own, target, args);
        };
      },
    });
  }
}
