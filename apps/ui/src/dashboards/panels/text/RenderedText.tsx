import { useEffect, useRef, useState } from "react";

interface RenderedTextProps {
  readonly text: string;
  /** What it is written in. */
  readonly mode: "markdown" | "html";
  readonly className: string;
}

/** A text that somebody else wrote. Elements come from the sanitiser as they are; React knows only what they stand in. */
export function RenderedText({ text, mode, className }: RenderedTextProps) {
  const host = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<{ readonly error: unknown }>();
  if (failure !== undefined) throw failure.error;
  useEffect(() => {
    let isCurrent = true;
    void import("./safe-html.ts")
      .then(({ safeHtml }) => {
        if (isCurrent) host.current?.replaceChildren(safeHtml(text, mode));
      })
      .catch((error: unknown) => {
        if (isCurrent) setFailure({ error });
      });
    return () => {
      isCurrent = false;
    };
  }, [text, mode]);
  return <div ref={host} className={className} />;
}
