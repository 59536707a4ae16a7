import { useQuery } from "@tanstack/react-query";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { Section } from "../frame/Section.tsx";
import { type Session, SessionTable } from "../frame/SessionTable.tsx";
import { useChange } from "../frame/use-change.ts";
import { endOwnSession, ownSessionsQuery } from "./profile-api.ts";

/** The user's own sessions. */
export function SessionsSection() {
  const result = useQuery(ownSessionsQuery);
  const { mutate, error } = useChange(({ id }: Session) => endOwnSession(id), [ownSessionsQuery.queryKey]);
  return (
    <Section title="Sessions" about="The browsers in which you are signed in." isTable>
      {error !== null && <ErrorMessage error={error} />}
      <Fetched result={result} label="Loading sessions">
        {(sessions) => <SessionTable sessions={sessions} onEnd={mutate} />}
      </Fetched>
    </Section>
  );
}
