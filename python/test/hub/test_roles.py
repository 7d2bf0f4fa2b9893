"""The scopes that users and servers need, and the configurations that broke the original."""

import asyncio

from jupyterpost import ConfigurationError

from ..support import GRANT, Config, HubTest, resolved, scopes

SERVER = ["users:activity!user", "access:servers!server"]


class Roles(HubTest):
    def test_roles_that_were_never_set_start_from_the_hubs_defaults(self):
        c = self.configure(Config())
        self.assertEqual(scopes(c), {"user": ["self", GRANT], "server": [*SERVER, GRANT]})

    def test_roles_that_were_only_appended_to_are_kept(self):
        c = Config()
        c.JupyterHub.load_roles.append({"name": "lab", "groups": ["lab"], "scopes": ["list:users"]})
        self.configure(c)
        self.assertEqual(scopes(c)["lab"], ["list:users"])
        self.assertEqual(scopes(c)["server"], [*SERVER, GRANT])

    def test_a_role_without_scopes_gets_the_defaults_and_the_grant(self):
        c = Config()
        c.JupyterHub.load_roles = [{"name": "user", "groups": ["staff"]}, {"name": "server", "users": ["ada"]}]
        self.configure(c)
        self.assertEqual(
            c.JupyterHub.load_roles,
            [
                {"name": "user", "groups": ["staff"], "scopes": ["self", GRANT]},
                {"name": "server", "users": ["ada"], "scopes": [*SERVER, GRANT]},
            ],
        )

    def test_own_scopes_of_user_and_server_are_added_to_in_place(self):
        c = Config()
        c.JupyterHub.load_roles = [
            {"name": "server", "scopes": [*SERVER, "list:services"]},
            {"name": "user", "scopes": ["self", "read:hub"]},
        ]
        self.configure(c)
        self.assertEqual(
            c.JupyterHub.load_roles,
            [
                {"name": "server", "scopes": [*SERVER, "list:services", GRANT]},
                {"name": "user", "scopes": ["self", "read:hub", GRANT]},
            ],
        )

    def test_roles_whose_names_are_parts_of_user_or_server_stay_untouched(self):
        c = Config()
        others = [{"name": name, "scopes": ["self"]} for name in ("use", "serve", "er", "r s", "")]
        c.JupyterHub.load_roles = others
        self.configure(c)
        self.assertEqual(c.JupyterHub.load_roles[:5], others)
        self.assertEqual([role["scopes"] for role in others], [["self"]] * 5)

    def test_the_admins_own_lists_are_not_changed_behind_their_back(self):
        shared = ["self"]
        c = Config()
        c.JupyterHub.load_roles = [{"name": "user", "scopes": shared}, {"name": "guests", "scopes": shared}]
        self.configure(c)
        self.assertEqual(shared, ["self"])
        self.assertEqual(scopes(c)["guests"], ["self"])

    def test_a_role_that_may_use_all_services_needs_no_grant(self):
        c = Config()
        c.JupyterHub.load_roles = [
            {"name": "user", "scopes": ["self", "access:services"]},
            {"name": "server", "scopes": ["inherit"]},
        ]
        self.configure(c)
        self.assertEqual(scopes(c), {"user": ["self", "access:services"], "server": ["inherit"]})

    def test_a_second_call_adds_nothing(self):
        c = self.configure(Config())
        once = scopes(c)
        self.configure(c)
        self.assertEqual(scopes(c), once)
        self.assertEqual(len(c.JupyterHub.load_roles), 2)

    def test_two_relays_get_a_grant_each(self):
        c = self.configure(self.configure(Config()), name="announce", port=10102)
        self.assertEqual(scopes(c)["user"], ["self", GRANT, "access:services!service=announce"])

    def test_groups_narrow_the_grant_to_their_members(self):
        c = self.configure(Config(), groups=["lab"])
        self.assertEqual(
            c.JupyterHub.load_roles,
            [
                {"name": "jupyterpost-users", "groups": ["lab"], "scopes": [GRANT]},
                {"name": "server", "scopes": [*SERVER, GRANT]},
            ],
        )
        self.configure(c, groups=["lab", "staff"])
        self.assertEqual(c.JupyterHub.load_roles[0]["groups"], ["lab", "staff"])

    def test_scopes_that_are_no_list_are_named(self):
        c = Config()
        c.JupyterHub.load_roles = [{"name": "user", "scopes": "self"}]
        with self.assertRaisesRegex(ConfigurationError, "role 'user'.*scopes = 'self'; expected a list"):
            self.configure(c)


class ServerTokenScopes(HubTest):
    def test_scopes_that_stand_in_for_the_role_get_the_grant(self):
        c = Config()
        c.Spawner.server_token_scopes = SERVER
        self.configure(self.configure(c))
        self.assertEqual(c.Spawner.server_token_scopes, [*SERVER, GRANT])
        self.assertEqual(len(SERVER), 2)

    def test_scopes_of_another_spawner_class_get_it_too(self):
        c = Config()
        c.KubeSpawner.server_token_scopes = [*SERVER]
        self.configure(c)
        self.assertEqual(c.KubeSpawner.server_token_scopes, [*SERVER, GRANT])

    def test_scopes_that_were_only_appended_to_get_it(self):
        c = Config()
        c.Spawner.server_token_scopes.extend(SERVER)
        self.configure(c)
        self.assertEqual(resolved(c, "Spawner", "server_token_scopes", []), [*SERVER, GRANT])

    def test_an_empty_list_keeps_meaning_the_role(self):
        c = Config()
        c.Spawner.server_token_scopes = []
        self.configure(c)
        self.assertEqual(c.Spawner.server_token_scopes, [])

    def test_functions_are_asked_first(self):
        async def later(_spawner):
            return SERVER

        for ask in (lambda _spawner: SERVER, later):
            c = Config()
            c.Spawner.server_token_scopes = ask
            self.configure(self.configure(c))
            answer = asyncio.run(c.Spawner.server_token_scopes(None))
            self.assertEqual(answer, [*SERVER, GRANT])
