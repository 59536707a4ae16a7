import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { LoadingMessage } from "./StatusMessage.tsx";

/** A component whose code is loaded on demand, and can be loaded in advance. */
export type LoadedComponent<P> = ComponentType<P> & {
  /** Loads the code once. Never rejects; the rendered component shows an error. */
  readonly load: () => Promise<unknown>;
};

interface Loading<P> {
  readonly Content?: ComponentType<P> | undefined;
  readonly failure?: { readonly error: unknown };
}

/**
 * Returns a component whose code is loaded when it is first rendered, and which appears as soon as the code arrives.
 * (React's `lazy` would wait at least 300 ms.) If loading fails, the surrounding error boundary shows the error.
 * @param fallback content until the code is loaded, or a function that returns the content for the properties
 */
export function whenLoaded<P extends object = object>(
  get: () => Promise<{ readonly default: ComponentType<P> }>,
  fallback: ReactNode | ((props: P) => ReactNode) = <LoadingMessage />,
): LoadedComponent<P> {
  let loaded: ComponentType<P> | undefined;
  let running: Promise<Loading<P>> | undefined;
  const begin = async (): Promise<Loading<P>> => {
    try {
      loaded = (await get()).default;
      return { Content: loaded };
    } catch (error) {
      return { failure: { error } };
    }
  };
  const load = (): Promise<Loading<P>> => {
    if (running !== undefined) return running;
    running = begin();
    // After a failure, the next rendering loads the code again.
    void running.then(({ failure }) => failure && (running = undefined));
    return running;
  };
  function WhenLoaded(props: P) {
    const [loading] = useState(() => (loaded === undefined ? load() : undefined));
    const [{ Content, failure }, setDone] = useState<Loading<P>>({ Content: loaded });
    useEffect(() => {
      void loading?.then(setDone);
    }, [loading]);
    if (failure !== undefined) throw failure.error;
    if (Content !== undefined) return <Content {...props} />;
    return typeof fallback === "function" ? fallback(props) : fallback;
  }
  return Object.assign(WhenLoaded, { load });
}
