import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { mayComeBack } from "./opening-retry.ts";

/** Why a dashboard is not there, and whether the page goes on asking for it (`openingRetry`). */
export function OpeningFailure({ error }: { error: unknown }) {
  if (!mayComeBack(error)) return <ErrorMessage error={error} />;
  return <ErrorMessage error={error} title="The dashboard could not be loaded yet; the page goes on trying" />;
}
