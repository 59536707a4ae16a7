import { Box, Button } from "@mantine/core";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { Section } from "../frame/Section.tsx";
import { type Session, SessionTable } from "../frame/SessionTable.tsx";
import { useChange } from "../frame/use-change.ts";
import { endAllSessions, endSession, type UserDetails, usersKey } from "./users-api.ts";

/** The sessions of a user. */
export function UserSessions({ user: { id, sessions }, isOwn }: { user: UserDetails; isOwn: boolean }) {
  const end = useChange((session: Session) => endSession(id, session.id), [usersKey]);
  const endAll = useChange(() => endAllSessions(id), [usersKey], { done: "The sessions were ended" });
  const error = end.error ?? endAll.error;
  return (
    <Section title="Sessions" about="The browsers in which the user is signed in." isTable>
      {error !== null && <ErrorMessage error={error} title="The session was not ended" />}
      <SessionTable sessions={sessions} onEnd={end.mutate} />
      {!isOwn && sessions.length > 0 && (
        <Box p={14}>
          <Button size="xs" variant="default" loading={endAll.isPending} onClick={() => endAll.mutate()}>
            End all sessions
          </Button>
        </Box>
      )}
    </Section>
  );
}
