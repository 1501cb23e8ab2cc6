#!/usr/bin/env python3
"""The layout check must see what it is there for: each break below is made and has to be named."""
import copy, unittest

import gen_layout


class Breaks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.golden, cls.headers = gen_layout.layout()

    def breaks_after(self, change):
        new = copy.deepcopy(self.golden)
        change(new)
        return "\n".join(gen_layout.broken(self.golden, new))

    def test_nothing_changed(self):
        self.assertEqual(self.breaks_after(lambda new: None), "")

    def test_appended_field_is_no_break(self):
        def append(new):
            struct = new["structs"]["tn_plugin"]
            struct["fields"]["more"] = {"offset": struct["size"], "size": 8, "decl": "void* more"}
            struct["size"] += 8
        self.assertEqual(self.breaks_after(append), "")

    def test_removed_field(self):
        text = self.breaks_after(lambda new: new["structs"]["tn_host"]["fields"].pop("intern"))
        self.assertIn("tn_host.intern was", text)
        self.assertIn("is removed", text)

    def test_moved_field(self):
        def move(new):
            new["structs"]["tn_host"]["fields"]["log"]["offset"] += 8
        self.assertIn("tn_host.log was", self.breaks_after(move))

    def test_other_signature(self):
        def redeclare(new):
            new["structs"]["tn_plugin"]["fields"]["init"]["decl"] = "tn_status (*init)(void)"
        self.assertIn("tn_plugin.init was", self.breaks_after(redeclare))

    def test_removed_struct_shrunk_struct_other_constant(self):
        self.assertIn("tn_node was removed",
                      self.breaks_after(lambda new: new["structs"].pop("tn_node")))
        self.assertIn("tn_point shrank",
                      self.breaks_after(lambda new: new["structs"]["tn_point"].update(size=8)))
        self.assertIn("TN_ERR_OOM was 3",
                      self.breaks_after(lambda new: new["constants"].update(TN_ERR_OOM=4)))

    def test_every_field_is_asserted(self):
        text = gen_layout.freeze_c(self.golden, self.headers)
        for name, struct in self.golden["structs"].items():
            for field in struct["fields"]:
                self.assertIn(f"offsetof({name}, {field})", text)

    def test_the_draft_is_that_of_the_layout(self):
        new = copy.deepcopy(self.golden)
        self.assertEqual(gen_layout.draft(new), gen_layout.draft(self.golden))
        new["structs"]["tn_host"]["fields"]["log"]["decl"] = "void (*log)(void)"
        self.assertNotEqual(gen_layout.draft(new), gen_layout.draft(self.golden))
        self.assertIn(f'TN_ABI_DRAFT "{gen_layout.draft(self.golden)}"', gen_layout.SIZES.read_text())


if __name__ == "__main__":
    unittest.main()
