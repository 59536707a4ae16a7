import { Anchor, Box } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { NamesForm } from "../frame/NamesForm.tsx";
import { Section } from "../frame/Section.tsx";
import { UserPassword } from "./UserPassword.tsx";
import { UserRemoval } from "./UserRemoval.tsx";
import { UserRights } from "./UserRights.tsx";
import { UserSecondStep } from "./UserSecondStep.tsx";
import { UserSessions } from "./UserSessions.tsx";
import { fetchUser, saveUserNames, type UserDetails, userKey, usersKey } from "./users-api.ts";

/** Page of a user, on which admins of the server see and change the user's data. */
export default function UserPage() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: userKey(id),
    queryFn: ({ signal }) => fetchUser(id, signal),
  });
  return (
    <AdministrationPage
      title={data === undefined ? "User" : `User ${data.login}`}
      isFor={({ isServerAdmin }) => isServerAdmin}
      reason="Only admins of the server change users."
      summary={
        <Anchor component={Link} to="/admin/users" size="sm">
          All users
        </Anchor>
      }
    >
      {(rights) => (
        <Fetched result={{ data, error, refetch }} label="Loading the user">
          {(user) => <UserSections key={user.id} user={user} isOwn={rights.login === user.login} />}
        </Fetched>
      )}
    </AdministrationPage>
  );
}

function UserSections({ user, isOwn }: { user: UserDetails; isOwn: boolean }) {
  return (
    <Box maw={900}>
      <Section title="Names">
        <NamesForm saved={user} save={(names) => saveUserNames(user.id, names)} keys={[usersKey]} />
      </Section>
      <UserRights user={user} />
      <UserPassword user={user} />
      <UserSecondStep user={user} />
      <UserSessions user={user} isOwn={isOwn} />
      <UserRemoval user={user} isOwn={isOwn} />
    </Box>
  );
}
