"""The service entry, and what the errors for wrong arguments say."""

import json
import os
import subprocess
import sys

from jupyterpost import ConfigurationError, configure_jupyterhub

from ..support import GRANT, URL, Config, HubTest, resolved, scopes


class Service(HubTest):
    def only_service(self, c):
        (service,) = c.JupyterHub.services
        return service

    def test_the_originals_call_works_as_it_stands(self):
        os.environ.update(JUPYTERPOST_NODE=str(self.node), JUPYTERPOST_RELAY=str(self.relay))
        c = Config()
        configure_jupyterhub(
            c,
            "bot-token",
            "https://chat.example/api/v4/",
            "lab",
            10102,
            "(from the lab)",
            "https://services.hub.example/services/jupyterpost",
        )
        self.assertEqual(
            self.only_service(c),
            {
                "name": "jupyterpost",
                "url": "http://127.0.0.1:10102",
                "command": [str(self.node), str(self.relay), "relay"],
                "environment": {
                    "MATTERMOST_URL": "https://chat.example/api/v4/",
                    "MATTERMOST_TEAM": "lab",
                    "MATTERMOST_TOKEN": "bot-token",
                    "BOT_SIGNATURE": "(from the lab)",
                },
                "display": False,
                "oauth_no_confirm": True,
            },
        )

    def test_a_line_end_of_a_mounted_secret_is_no_part_of_a_setting(self):
        options = {
            "mattermost_token": "bot-token\n",
            "mattermost_url": " https://chat.example/\r\n",
            "mattermost_team": "lab\n",
            "jupyterpost_url": f"{URL}\n",
        }
        c = self.configure(Config(), **options)
        environment = self.only_service(c)["environment"]
        self.assertEqual(environment["MATTERMOST_TOKEN"], "bot-token")
        self.assertEqual(environment["MATTERMOST_URL"], "https://chat.example/")
        self.assertEqual(environment["MATTERMOST_TEAM"], "lab")
        self.assertEqual(resolved(c, "Spawner", "environment", {})["JUPYTERPOST_URL"], URL)

    def test_no_secret_is_in_the_command_line(self):
        self.assertNotIn("bot-token", json.dumps(self.only_service(self.configure(Config()))["command"]))

    def test_the_token_may_stay_in_a_file(self):
        file = self.folder / "token"
        file.write_text("bot-token\n")
        c = self.configure(Config(), mattermost_token=None, mattermost_token_file=file)
        environment = self.only_service(c)["environment"]
        self.assertEqual(environment["MATTERMOST_TOKEN_FILE"], str(file))
        self.assertNotIn("MATTERMOST_TOKEN", environment)

    def test_without_mattermost_there_is_the_inbox(self):
        c = Config()
        configure_jupyterhub(c, node=self.node, relay=self.relay, jupyterpost_url=URL)
        self.assertEqual(self.only_service(c)["environment"], {"BOT_SIGNATURE": "(via jupyterpost)"})

    def test_database_and_further_variables_reach_the_relay(self):
        c = self.configure(Config(), database="posts.sqlite", environment={"JUPYTERPOST_CONFIG": "/etc/policy.json"})
        environment = self.only_service(c)["environment"]
        self.assertEqual(environment["JUPYTERPOST_DATABASE"], os.path.abspath("posts.sqlite"))
        self.assertEqual(environment["JUPYTERPOST_CONFIG"], "/etc/policy.json")

    def test_other_services_stay_whether_set_or_appended(self):
        culler = {"name": "cull-idle", "command": ["python3", "-m", "jupyterhub_idle_culler"]}
        for how in ("set", "append"):
            c = Config()
            if how == "set":
                c.JupyterHub.services = [culler]
            else:
                c.JupyterHub.services.append(culler)
            self.configure(self.configure(c), port=10103)
            self.assertEqual([s["name"] for s in c.JupyterHub.services], ["cull-idle", "jupyterpost"])
            self.assertEqual(c.JupyterHub.services[1]["url"], "http://127.0.0.1:10103")

    def test_a_foreign_service_of_that_name_is_an_error(self):
        c = Config()
        c.JupyterHub.services = [{"name": "jupyterpost", "url": "http://127.0.0.1:1", "command": ["jupyterpost"]}]
        with self.assertRaisesRegex(ConfigurationError, "another service named 'jupyterpost'; remove that entry"):
            self.configure(c)
        self.configure(c, name="post")
        self.assertEqual([s["name"] for s in c.JupyterHub.services], ["jupyterpost", "post"])

    def test_wrong_arguments_are_named_and_change_nothing(self):
        table = [
            ({"port": 0}, "port is 0; expected a number"),
            ({"port": "80"}, "port is '80'"),
            ({"port": True}, "port is True"),
            ({"name": "Jupyter Post"}, "name is 'Jupyter Post'; expected lower-case"),
            ({"name": "../x"}, "name is"),
            ({"mattermost_url": None}, "mattermost_url missing; expected all three"),
            ({"mattermost_token": None}, "mattermost_token or mattermost_token_file missing"),
            ({"mattermost_token_file": "/etc/token"}, "not both"),
            ({"mattermost_token": None, "mattermost_token_file": "/no/token"}, "which this user cannot read"),
            ({"mattermost_token": "a\nb"}, "mattermost_token contains a character that no token has"),
            ({"mattermost_token": " \n"}, "mattermost_token or mattermost_token_file missing"),
            ({"mattermost_url": "chat.example"}, "mattermost_url is 'chat.example'; expected an address"),
        ]
        for options, words in table:
            with self.subTest(options):
                c = Config()
                with self.assertRaisesRegex(ConfigurationError, words):
                    self.configure(c, **options)
                self.assertEqual(resolved(c, "JupyterHub", "services", []), [])

    def test_the_relay_may_read_users_only_if_asked_to(self):
        c = self.configure(Config())
        self.assertNotIn("read:users", str(c.JupyterHub.load_roles))
        for _ in range(2):
            self.configure(c, read_users=True)
        mine = [role for role in c.JupyterHub.load_roles if "read:users" in role["scopes"]]
        self.assertEqual(
            mine, [{"name": "jupyterpost-service", "services": ["jupyterpost"], "scopes": ["read:users"]}]
        )

    def test_with_internal_ssl_the_proxy_comes_by_tls(self):
        c = Config()
        c.JupyterHub.internal_ssl = True
        self.assertEqual(self.only_service(self.configure(c))["url"], "https://127.0.0.1:10101")


class Snippet(HubTest):
    def test_the_printed_snippet_gives_the_same_service_and_roles(self):
        c = Config()
        exec(os.environ["HUB_SNIPPET"], {"c": c})  # set by the caller, test/hub/python.test.ts
        resolved_services = resolved(c, "JupyterHub", "services", [])
        c.JupyterHub.load_roles = resolved(c, "JupyterHub", "load_roles", [])
        self.assertEqual(scopes(c), scopes(self.configure(Config())))
        ours = self.configure(Config()).JupyterHub.services[0]
        for key in ("name", "url", "display", "oauth_no_confirm"):
            self.assertEqual(resolved_services[0][key], ours[key])
        self.assertEqual(resolved_services[0]["command"], ["/opt/node", '/opt/with "quotes"', "relay"])
        self.assertIn("JUPYTERPOST_URL", resolved(c, "Spawner", "environment", {}))
        self.assertIn(GRANT, scopes(c)["server"])


class Import(HubTest):
    def test_importing_needs_nothing_but_the_standard_library(self):
        code = "import sys, jupyterpost; print([m for m in ('jupyterhub', 'traitlets', 'tornado') if m in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.strip(), "[]")
