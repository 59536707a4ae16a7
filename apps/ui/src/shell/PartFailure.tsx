import { useEffect } from "react";
import { isOfMissingFile, reloadOnce } from "./missing-files.ts";
import { ErrorMessage, errorSentence } from "./StatusMessage.tsx";

/** Shows an error message in place of a part of the page that could not be rendered. */
export function PartFailure({
  error,
  title,
  isPage = false,
  onRetry,
}: {
  error: unknown;
  title: string;
  /** Whether the failed part is the whole page. The page is then reloaded if its files are missing. */
  isPage?: boolean;
  onRetry: () => void;
}) {
  const isMissing = isOfMissingFile(error);
  useEffect(() => {
    if (isPage && isMissing) void reloadOnce(error);
  }, [isPage, isMissing, error]);
  if (!isMissing) return <ErrorMessage error={error} title={title} onRetry={onRetry} />;
  return (
    <ErrorMessage
      error={`Narthex was updated, or its server does not respond. ${errorSentence(error)}`}
      title="Files of this page could not be loaded"
      retry="Reload the page"
      onRetry={() => location.reload()}
    />
  );
}
