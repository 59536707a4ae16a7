import { useEffect, useRef, useState } from "react";

interface RenderedTextProps {
  readonly text: string;
  readonly mode: "markdown" | "html";
  readonly className: string;
}

/**
 * Shows a text that an untrusted author may have written. The sanitizer's DOM elements are inserted unchanged, and
 * React manages only their container.
 */
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
