#!/usr/bin/env python3
"""Every lint can fail: each rule is broken on purpose in a small tree and has to be found."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock

import circles
import cited
import contract
import format as format_lint
import headers
import layers
import sizes
import symbols
import words

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def finds(self, check, path, text, expected):
        self.plant(path, text)
        findings = list(check(self.root))
        self.assertTrue(any(expected in finding for finding in findings), findings or "nothing found")
        (self.root / path).unlink()

    def clean(self, check, path, text):
        self.plant(path, text)
        self.assertEqual(list(check(self.root)), [])


class Layers(Planted):
    def test_includes_against_the_arrows(self):
        for path, include in [
                ("models/m.cpp", "backends/cpu/device/plan.hpp"),
                ("models/m.cpp", "framework/base/result.hpp"),
                ("backends/cpu/b.cpp", "framework/base/result.hpp"),
                ("backends/vulkan/b.cpp", "backends/cpu/device/plan.hpp"),
                ("framework/base/b.cpp", "framework/graph/graph.hpp"),
                ("framework/text/t.cpp", "framework/engine/load/model.hpp"),
                ("framework/graph/g.cpp", "framework/device/device.hpp"),
                ("framework/engine/e.cpp", "framework/api/engine_impl.hpp"),
                ("framework/graph/g.cpp", "host/cli/args.hpp"),
                ("framework/include/tenon/t.hpp", "framework/base/interner.hpp"),
                ("host/cli/m.cpp", "framework/engine/load/model.hpp"),
                ("host/cli/m.cpp", "framework/base/result.hpp"),
                ("host/cli/m.cpp", "bench/bench.hpp"),
                ("plugins/sdk/tenon/sdk/s.hpp", "framework/base/result.hpp"),
                ("plugins/conformance/c.cpp", "tests/unit/x.hpp"),
                ("plugins/abi/tenon/abi/a.h", "../../../sdk/tenon/sdk/ops.hpp")]:
            self.finds(layers.check, path, f'#include "{include}"\n', "may not include")

    def test_angle_brackets_are_not_a_way_round(self):
        self.finds(layers.check, "framework/graph/g.cpp", "#include <tenon/sdk/ops.hpp>\n", "plugins/sdk")
        self.finds(layers.check, "plugins/conformance/c.cpp", "#include <tenon/sdk/ops.hpp>\n", "plugins/sdk")

    def test_names(self):
        self.finds(layers.check, "framework/graph/g.cpp", 'auto d = "vulkan/0";\n', "may not name vulkan")
        self.finds(layers.check, "framework/engine/e.cpp", "bool is_llama();\n", "may not name llama")
        self.finds(layers.check, "models/m.cpp", "int cpu = 0;\n", "may not name cpu")
        self.finds(layers.check, "backends/cpu/b.cpp", "int qwen2_rows;\n", "may not name qwen")

    def test_flags(self):
        for said in ("pinned by --kernel", " (-c sets it)", "see `tenon plugins`", "--backend: empty"):
            text = f'auto s = "{said}";\n'
            self.assertTrue(list(layers.flags(pathlib.PurePosixPath("framework/e.cpp"), text)), said)
            self.assertEqual(list(layers.flags(pathlib.PurePosixPath("host/e.cpp"), text)), [])
        for said in ("n-gram", "x - y", "a -- b", "utf-8", "1 -2"):
            text = f'auto s = "{said}";  // as --kernel says\n'
            self.assertEqual(list(layers.flags(pathlib.PurePosixPath("framework/e.cpp"), text)), [], said)

    def test_unknown_folder(self):
        self.finds(layers.check, "stray/s.cpp", "int x;\n", "no row")

    def test_allowed(self):
        self.clean(layers.check, "models/m.cpp",
                   "// runs on cpu\n/* vulkan */ #include <tenon/sdk/arch.hpp>\n#include <vector>\n")
        self.clean(layers.check, "framework/engine/e.cpp", '#include "framework/graph/graph.hpp"\n')
        self.clean(layers.check, "host/cli/m.cpp", '#include "framework/include/tenon/tenon.hpp"\n#include "host/cli/o.hpp"\n')
        self.clean(layers.check, "host/probe/m.cpp", '#include "framework/plugin/catalog.hpp"\n')


class Sizes(Planted):
    def test_long_files(self):
        self.finds(sizes.files, "models/m.cpp", "\n" * 121, "limit is 120")
        self.finds(sizes.files, "plugins/abi/tenon/abi/x.h", "\n" * 151, "limit is 150")
        self.finds(sizes.files, "plugins/abi/tenon/abi/slots/x.h", "\n" * 151, "limit is 150")
        self.finds(sizes.files, "host/cli/x.cpp", "\n" * 601, "limit is 600")
        self.finds(sizes.files, "host/CMakeLists.txt", "\n" * 81, "limit is 80")
        self.clean(sizes.files, "host/cli/x.cpp", "\n" * 600)

    def test_long_functions(self):
        for name in ("host/f.cpp", "host/f.hpp", "plugins/abi/tenon/abi/f.h"):
            body = "  g();\n" * 59
            self.finds(sizes.functions, name, f"inline int f() {{\n{body}}}\n", "f() has 61 lines")
        member = "struct S {\n  int member() const {\n" + "    g();\n" * 70 + "  }\n};\n"
        self.finds(sizes.functions, "host/f.hpp", member, "member() has 72 lines")
        self.clean(sizes.functions, "host/f.cpp", "int f() {\n" + "  g();\n" * 58 + "}\n")

    def test_long_parts(self):
        with unittest.mock.patch.dict(sizes.MAX_PART, {"framework/graph": 10}):
            self.plant("framework/graph/ops/g.cpp", "int x;\n" * 6)
            self.finds(sizes.check, "framework/graph/f.hpp", "int x;\n" * 5, "11 lines of code")
            self.clean(sizes.check, "framework/graph/f.hpp", "int x;\n" * 4 + "// a comment\n\n")

    def test_every_part_has_a_limit(self):
        self.finds(sizes.check, "framework/newcomer/f.hpp", "int x;\n", "no row of MAX_PART")
        for part in sizes.MAX_PART:
            self.assertTrue((ROOT / part).is_dir(), part)


class Words(Planted):
    def test_forbidden(self):
        for text, expected in [
                ("// TO" + "DO: later\n", "TODO without"), ("// FIX" + "ME\n", "note to self"),
                ("fail(\"not imple" + "mented\");\n", "a stub"), ("open(\"/ro" + "ot/x\");\n", "one machine"),
                ("int\tx;\n", "a tab"), ("int x; \n", "blank at the end"),
                ("// see https://somewhere.test/page\n", "unlisted link")]:
            self.finds(words.check, "framework/x.cpp", text, expected)
        self.finds(words.check, "docs/big.bin", "x" * (words.MAX_BYTES + 1), "the limit is")

    def test_allowed(self):
        self.clean(words.check, "framework/x.cpp", "// TO" + "DO(#12): when 2 exist\nint workspace;\n")


class Cited(Planted):
    def setUp(self):
        super().setUp()
        self.plant("framework/graph/graph.hpp", "")
        self.plant("docs/adr/0001-a-decision.md", "")

    def test_files_that_are_not_there(self):
        for path, text in [
                ("framework/x.cpp", "// kernels.md has the layouts\n"), ("framework/x.cpp", "int x;  // see a/b.hpp\n"),
                ("plugins/x.h", "/* one\n * two: gone.hpp */\n"), ("tests/x.py", "# as in gone.py\n"),
                ("docs/A.md", "| rule | `framework/graph/gone.cpp` |\n"), ("docs/A.md", "the folder `framework/gone`\n"),
                ("docs/A.md", "`framework/graph/ops/<op>.cpp`\n"), ("docs/A.md", "`framework/graph/gone_*.hpp`\n"),
                ("docs/A.md", "docs/adr/0002\n"), ("framework/x.cpp", "// as ADR 0002 says\n")]:
            self.finds(cited.check, path, text, "is not in the tree")

    def test_names_of_code(self):
        self.plant("framework/graph/x.cpp", "struct Runtime { void step(); };  // Variant\n")
        for text in ("`Variant`", "`Runtime::run`", "`Runtime::run()`", "`walk()`", "`tn_gone`",
                     "```\n  Runtime::run   does it\n```"):
            self.finds(cited.check, "docs/GLOSSARY.md", text + "\n", "no code is called")
        self.clean(cited.check, "docs/GLOSSARY.md", "`Runtime::step`, `step()`, `block_table`, `q4_K`, `MODEL`, Variant\n")

    def test_files_that_are_there(self):
        self.clean(cited.check, "docs/A.md", "`framework/graph/*.hpp`, `<part>/graph.hpp`, graph.hpp, `framework/graph`, "
                   "docs/adr/0001, ADR 0001, libtenon.so, and/or, build/dev/x.cpp.o\n")
        self.clean(cited.check, "framework/x.cpp", 'auto name = "gone.hpp";  // ../graph/graph.hpp\n')


class Circles(Planted):
    def test_pairs_and_rings(self):
        self.plant("framework/graph/a.hpp", "")
        self.plant("framework/graph/a.cpp", '#include "framework/graph/b.hpp"\n')
        self.clean(circles.check, "framework/graph/b.hpp", "// framework/graph/a.hpp\n")
        self.finds(circles.check, "framework/graph/b.hpp", '#include "framework/graph/a.hpp"\n', "circle")
        self.plant("framework/graph/b.hpp", '#include "framework/graph/c.hpp"\n')
        self.finds(circles.check, "framework/graph/c.hpp", '#include "framework/graph/a.hpp"\n', "graph/c")


class Contract(Planted):
    HEAD = "#define TN_THREAD(tag)\n/* A table. */\ntypedef struct t {\n  /* Gives back what it took. */\n" \
           "  TN_THREAD(any) void (*first)(int x);\n"

    def test_functions_without_a_sentence(self):
        for function, expected in [
                ("  TN_THREAD(any) void (*f)(void);\n", "f() has no sentence"),
                ("  TN_THREAD(any)\n  void (*f)(void* ctx,\n            int x);\n", "f() has no sentence"),
                ("  TN_THREAD(any) void (*f)(void); /* see there */\n", "f() has no sentence"),
                ("  int x; /* how many of them */\n  TN_THREAD(any) void (*f)(void);\n", "f() has no sentence"),
                ("  /* It has no tag. */\n  void (*f)(void);\n", "f() has no thread tag")]:
            self.finds(contract.check, "plugins/abi/a.h", self.HEAD + function + "} t;\n", expected)

    def test_functions_with_one(self):
        self.clean(contract.check, "plugins/abi/a.h", self.HEAD +
                   "  TN_THREAD(any) void (*f)(void); /* NULL: nothing is there */\n  /* Over two\n   * lines. */\n"
                   "  TN_THREAD(any)\n  void (*g)(void* ctx,\n            int x);\n} t;\ntypedef void (*fn)(int);\n")


class Columns(unittest.TestCase):
    def test_wide_documents(self):
        path, row = pathlib.PurePosixPath("docs/A.md"), "| " + "x" * 156 + " |"
        self.assertEqual(list(words.wide(path, row)), [])
        self.assertIn("161 columns", list(words.wide(path, "short\n" + row + "x"))[0])


class Format(Planted):
    def test_unformatted(self):
        shutil.copy(ROOT / ".clang-format", self.root)
        self.finds(format_lint.check, "host/x.cpp", "int  f( ) {return 1;}\n", "not formatted")
        self.clean(format_lint.check, "host/x.cpp", "int f() { return 1; }\n")


class Headers(Planted):
    def test_header_that_needs_another(self):
        self.plant("host/x.cpp", "int x;\n")
        self.plant("compile_commands.json",
                   f'[{{"file": "{self.root}/host/x.cpp", "command": "c++ -std=c++20 -c x.cpp"}}]')
        check = lambda root: headers.check(root, root)
        self.finds(check, "host/x.hpp", "#pragma once\nstd::string f();\n", "does not compile alone")
        self.finds(check, "host/x.hpp", "struct S {};\n", "does not compile alone")  # no guard
        self.clean(check, "host/x.hpp", "#pragma once\n#include <string>\nstd::string f();\n")


class Symbols(Planted):
    GOOD = 'extern "C" __attribute__((visibility("default"))) int tenon_plugin_query_v1() { return 0; }\n'

    def build(self, text):
        self.plant("p.cpp", self.GOOD + text)
        command = ["c++", "-std=c++20", "-shared", "-fPIC", "-fvisibility=hidden", "-o",
                   str(self.root / "p.tenon.so"), str(self.root / "p.cpp")]
        subprocess.run(command, check=True)
        return list(symbols.check(self.root))

    def test_rules(self):
        self.assertEqual(self.build(""), [])
        self.assertIn("exports", self.build('__attribute__((visibility("default"))) int more;\n')[0])
        self.assertIn("static constructors", self.build("int f(); int g = f(); int f() { return 3; }\n")[0])
        unique = ('template <class T> struct __attribute__((visibility("default"))) H {'
                  " static int& get() { static int x = 1; return x; } };\nint& use() { return H<int>::get(); }\n")
        self.assertTrue(any("UNIQUE" in finding for finding in self.build(unique)))

    def test_empty_folder(self):
        self.assertIn("no *.tenon.so", list(symbols.check(self.root))[0])


if __name__ == "__main__":
    unittest.main()
