"""What bench/sass.py counts in a kernel's machine code."""
import pathlib
import sys
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import sass

CODE = """
        /*0000*/                   LDC R1, c[0x0][0x28] ;   /* 0x00000a00ff017b82 */
                                                            /* 0x000e220000000800 */
        /*0010*/                   PREEXIT ;
        /*0020*/                   ACQBULK ;
        /*0030*/              @!P0 IADD3 R2, R2, R3, RZ ;
        /*0040*/               @P0 LDG.E R4, desc[UR4][R2.64] ;
        /*0050*/                   LD.E R5, desc[UR4][R2.64] ;
        /*0060*/                   DADD R6, R6, R6 ;
        /*0070*/                   LDGSTS.E.BYPASS.128 [R13], desc[UR14][R40.64], !P0 ;
        /*0080*/                   ST.E desc[UR4][R2.64], R5 ;
        /*0090*/                   STL [R1], R4 ;
        /*00a0*/                   EXIT ;
        /*00b0*/                   BRA 0xb0 ;
        /*00c0*/                   NOP ;
"""


class Counts(unittest.TestCase):
    def setUp(self):
        self.kernel = sass.kernel_of("k", (40, 8, 1024), sass.operations(CODE.splitlines()))

    def test_instructions_about_the_wait_and_the_first_load(self):
        self.assertEqual(self.kernel.before_wait, 2)
        self.assertEqual(self.kernel.to_load, 2)  # IADD3, LDG

    def test_kinds(self):
        self.assertEqual((self.kernel.any_space, self.kernel.global_space), (2, 2))
        self.assertEqual(self.kernel.double, 1)
        self.assertEqual(self.kernel.spills, 1 + 8)  # an access, and the stack's bytes
        self.assertEqual(self.kernel.size, 11 * 16)  # without the padding

    def test_names_without_what_all_share(self):
        mangled = ("void agon::kernels::cuda::linear_tiles_kernel<agon::kernels::cuda::(anonymous namespace)::Activation, "
                   "agon::kernels::LinearForward, agon::kernels::cuda::TileShape<16, 32, 64, 3, 1, 1, 8>, "
                   "(agon::kernels::Precision)1>(agon::kernels::LinearForward, int)")
        self.assertEqual(sass.short(mangled), "linear_tiles_kernel<Activation, LinearForward, 16, 32, 64, tf32>")

    def test_a_table_shows_what_changed(self):
        after = self.kernel._replace(registers=32)
        self.assertIn("| 40 → 32 |", sass.table({"k": after}, {"k": self.kernel}))
        self.assertIn("| 32 |", sass.table({"k": after}, {}))


if __name__ == "__main__":
    unittest.main()
