import { Anchor, Stack, Switch, Text } from "@mantine/core";
import { Fragment } from "react";
import { Link } from "react-router";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { setRoleAnywhere, setServerAdmin, type UserDetails, usersKey } from "./users-api.ts";

/**
 * Section with the rights of a user: the role, the right to administer the server, and the teams. A change is saved at
 * once.
 */
export function UserRights({ user: { id, role, isGrafanaAdmin, teams } }: { user: UserDetails }) {
  const changeRole = useChange((next: typeof role) => setRoleAnywhere(id, next), [usersKey], {
    done: "The role was changed",
  });
  const changeAdmin = useChange((isAdmin: boolean) => setServerAdmin(id, isAdmin), [usersKey], {
    done: "The right was changed",
  });
  const error = changeRole.error ?? changeAdmin.error;
  return (
    <Section title="Rights" about="Changes apply at once.">
      <Stack gap="sm" maw={460}>
        {error !== null && <ErrorMessage error={error} title="The right was not changed" />}
        <RoleSelect label="Role in the organization" value={role} onChange={changeRole.mutate} />
        <Switch
          label="Server admin"
          description="May change users, and read settings and statistics of the server"
          checked={isGrafanaAdmin}
          onChange={({ currentTarget }) => changeAdmin.mutate(currentTarget.checked)}
        />
        <Text size="sm">
          {teams.length === 0 ? "In no team." : "Teams: "}
          {teams.map((team, at) => (
            <Fragment key={team.id}>
              {at > 0 && ", "}
              <Anchor component={Link} to={`/org/teams/edit/${encodeURIComponent(team.uid)}`} size="sm">
                {team.name}
              </Anchor>
            </Fragment>
          ))}
        </Text>
      </Stack>
    </Section>
  );
}
