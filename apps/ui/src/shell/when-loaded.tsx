import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { LoadingMessage } from "./StatusMessage.tsx";

/** A component that is drawn once its code is there, and can begin to load it before. */
export type LoadedComponent<P> = ComponentType<P> & {
  /** Rejects never: what fails says so where it is drawn. */
  readonly load: () => Promise<unknown>;
};

interface Loading<P> {
  readonly Content?: ComponentType<P> | undefined;
  readonly failure?: { readonly error: unknown };
}

/**
 * A component whose code is loaded when it is first drawn. It stands at once where its code is there, and else as soon as
 * that comes: what React's `lazy` suspends is held back until 300 ms after its fallback was shown. A failure goes to the
 * boundary around it; drawn again, it is loaded again.
 *
 * @param fallback drawn until then
 */
export function whenLoaded<P extends object = object>(
  get: () => Promise<{ readonly default: ComponentType<P> }>,
  fallback: ReactNode = <LoadingMessage />,
): LoadedComponent<P> {
  let loaded: ComponentType<P> | undefined;
  const load = async (): Promise<Loading<P>> => {
    try {
      loaded = (await get()).default;
      return { Content: loaded };
    } catch (error) {
      return { failure: { error } };
    }
  };
  function WhenLoaded(props: P) {
    const [loading] = useState(() => (loaded === undefined ? load() : undefined));
    const [{ Content, failure }, setDone] = useState<Loading<P>>({ Content: loaded });
    useEffect(() => {
      void loading?.then(setDone);
    }, [loading]);
    if (failure !== undefined) throw failure.error;
    return Content === undefined ? fallback : <Content {...props} />;
  }
  return Object.assign(WhenLoaded, { load });
}
