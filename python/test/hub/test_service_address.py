"""JUPYTERPOST_URL: where it comes from, and that it arrives with every spawner."""

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner, Spawner

from jupyterpost import ConfigurationError

from ..support import URL, Config, HubTest, environment_of, resolved


class KubeSpawner(Spawner):
    """A spawner whose servers run elsewhere."""

    async def start(self):
        raise NotImplementedError

    async def stop(self, now=False):
        raise NotImplementedError

    async def poll(self):
        raise NotImplementedError


def hub(**settings):
    c = Config()
    for name, value in settings.items():
        c.JupyterHub[name] = value
    return c


def url_of(c):
    return resolved(c, "Spawner", "environment", {})["JUPYTERPOST_URL"]


class Injection(HubTest):
    def test_an_environment_that_was_never_set(self):
        c = self.configure(Config())
        self.assertEqual(environment_of(c, LocalProcessSpawner)["JUPYTERPOST_URL"], URL)

    def test_an_environment_that_was_only_updated_keeps_its_variables(self):
        c = Config()
        c.Spawner.environment.update({"LAB": "1"})
        self.configure(c)
        self.assertEqual(environment_of(c, LocalProcessSpawner), {"LAB": "1", "JUPYTERPOST_URL": URL})

    def test_an_environment_that_was_set_is_copied(self):
        c, mine = Config(), {"LAB": "1"}
        c.Spawner.environment = mine
        self.configure(c)
        self.assertEqual(environment_of(c, LocalProcessSpawner), {"LAB": "1", "JUPYTERPOST_URL": URL})
        self.assertEqual(mine, {"LAB": "1"})

    def test_an_environment_of_the_spawners_own_class_does_not_shadow_it(self):
        for own in ({}, {"ZONE": "a"}):
            c = Config()
            c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
            c.KubeSpawner.environment = own
            self.configure(c)
            self.assertEqual(environment_of(c, KubeSpawner), {**own, "JUPYTERPOST_URL": URL})

    def test_nor_does_one_of_a_base_class_with_another_name(self):
        class Simple(SimpleLocalProcessSpawner):
            pass

        class Ours(Simple):
            pass

        c = Config()
        c.JupyterHub.spawner_class = Ours
        c.Simple.environment = {"ZONE": "a"}
        self.configure(c)
        self.assertEqual(environment_of(c, Ours), {"ZONE": "a", "JUPYTERPOST_URL": URL})

    def test_an_updated_environment_of_the_spawners_own_class_merges(self):
        c = Config()
        c.KubeSpawner.environment.update({"ZONE": "a"})
        self.configure(c)
        self.assertEqual(environment_of(c, KubeSpawner), {"ZONE": "a", "JUPYTERPOST_URL": URL})

    def test_a_slash_is_added_and_a_second_call_changes_nothing(self):
        c = self.configure(self.configure(Config(), jupyterpost_url=URL.rstrip("/")), jupyterpost_url=None)
        self.assertEqual(url_of(c), URL)

    def test_the_variable_set_by_hand_is_kept(self):
        c = Config()
        c.Spawner.environment = {"JUPYTERPOST_URL": "http://proxy-public/services/jupyterpost/"}
        self.configure(c, jupyterpost_url=None)
        self.assertEqual(url_of(c), "http://proxy-public/services/jupyterpost/")

    def test_what_is_no_address_is_refused(self):
        for wrong in ("hub.example/services/jupyterpost", "ftp://hub/", "https://", URL + "?x=1", 7):
            with self.assertRaisesRegex(ConfigurationError, "jupyterpost_url is .*expected the address"):
                self.configure(Config(), jupyterpost_url=wrong)


class Derivation(HubTest):
    def test_the_address_comes_from_the_hubs_configuration(self):
        def custom(name, domain, kind):
            return f"{kind}-{name}.{domain}"

        kube = {"spawner_class": KubeSpawner}
        table = [
            ({}, "http://127.0.0.1:8000/services/jupyterpost/"),
            ({"bind_url": "http://:9000/jh"}, "http://127.0.0.1:9000/jh/services/jupyterpost/"),
            ({"bind_url": "http://0.0.0.0:9000"}, "http://127.0.0.1:9000/services/jupyterpost/"),
            ({"bind_url": "http://[::1]:9000/"}, "http://[::1]:9000/services/jupyterpost/"),
            ({"bind_url": "http://hub.example:9000/", **kube}, "http://hub.example:9000/services/jupyterpost/"),
            ({"bind_url": "http://hub.example", "ssl_cert": "c.pem"}, "https://hub.example/services/jupyterpost/"),
            ({"port": 8888, "base_url": "/jh"}, "http://127.0.0.1:8888/jh/services/jupyterpost/"),
            ({"ip": "10.0.0.5", **kube}, "http://10.0.0.5:8000/services/jupyterpost/"),
            ({"public_url": "https://hub.example/jh/", **kube}, "https://hub.example/jh/services/jupyterpost/"),
            ({"public_url": "hub.example", "base_url": "/jh/"}, "https://hub.example/jh/services/jupyterpost/"),
            (
                {"subdomain_host": "https://hub.example:8443", **kube},
                "https://jupyterpost--service.hub.example:8443/services/jupyterpost/",
            ),
            (
                {"subdomain_host": "https://hub.example", "subdomain_hook": "legacy"},
                "https://services.hub.example/services/jupyterpost/",
            ),
            (
                {"subdomain_host": "hub.example", "subdomain_hook": custom, "base_url": "/jh/"},
                "https://service-jupyterpost.hub.example/jh/services/jupyterpost/",
            ),
            ({"spawner_class": "simple"}, "http://127.0.0.1:8000/services/jupyterpost/"),
            (
                {"spawner_class": "jupyterhub.spawner.LocalProcessSpawner"},
                "http://127.0.0.1:8000/services/jupyterpost/",
            ),
        ]
        for settings, expected in table:
            with self.subTest(settings):
                self.assertEqual(url_of(self.configure(hub(**settings), jupyterpost_url=None)), expected)

    def test_an_address_that_it_does_not_give_is_one_clear_error(self):
        table = [
            ({"spawner_class": KubeSpawner}, "cannot reach loopback"),
            ({"spawner_class": "a.spawner.that.is.not.installed"}, "cannot reach loopback"),
            ({"spawner_class": KubeSpawner, "bind_url": "http://127.0.0.1:8000"}, "cannot reach loopback"),
            ({"ssl_cert": "cert.pem"}, "certificate is not for a loopback address"),
            ({"bind_url": "http+unix://%2Fsrv%2Fproxy.sock"}, "bind_url is http\\+unix"),
        ]
        for settings, reason in table:
            with self.subTest(settings):
                with self.assertRaisesRegex(ConfigurationError, f"{reason}.*; set c.JupyterHub.public_url"):
                    self.configure(hub(**settings), jupyterpost_url=None)

    def test_the_names_that_an_unknown_hook_makes_are_not_known(self):
        c = hub(subdomain_host="https://hub.example", subdomain_hook="other")
        with self.assertRaisesRegex(ConfigurationError, "subdomain_hook is 'other'.*pass jupyterpost_url"):
            self.configure(c, jupyterpost_url=None)
