"""Exponentials, logarithms and their like as short polynomials, for many wars at a time, in LLVM's language.

Each is good to about two units in the last place of float32 unless it says otherwise.
Sources: exp and log by the reductions of Cephes (Moshier), with polynomials of least largest error; erf after
Cephes, erfc after Press and others (Numerical Recipes, 6.2), the inverse of erf after Giles (2012); Threefry
2x32 after Salmon and others (2011).
"""

from __future__ import annotations

import numpy as np

LOG2E = 1.4426950408889634
# ln 2 in two parts, the first exact in few bits.
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
# Added to a small number, it leaves the nearest whole number in the last bits.
MAGIC = 12582912.0
_MAGIC_BITS = 0x4B400000


def number(value: float) -> str:
    """Return a float32 as LLVM writes it."""
    return f"0x{np.float64(np.float32(value)).view(np.uint64):016X}"


def edges_of_log() -> int:
    """Return what AVX-512 is to put in place of a logarithm: a nibble for each kind of argument."""
    keep, nan, not_a_number, low, high = 0, 2, 3, 4, 5
    # No number (quiet, signalling), 0, 1, -infinity, infinity, below 0, above 0.
    kinds = (nan, nan, low, keep, not_a_number, high, not_a_number, keep)
    return sum(one << 4 * place for place, one in enumerate(kinds))


def avx512(name: str, width: int) -> str:
    """Return the name of an operation that only processors with AVX-512 have."""
    return f"llvm.x86.avx512.mask.{name}.ps.{32 * width}"


def _all(width: int) -> str:
    """Return arguments: no war is left out, and rounding is as always, which only the widest form asks."""
    return f"i{max(8, width)} -1" + (", i32 4" if width == 16 else "")


def avx512_declared(width: int) -> list[str]:
    """Return declarations of operations that only processors with AVX-512 have."""
    floats, integers, ends = (
        f"<{width} x float>",
        f"<{width} x i32>",
        _all(width).replace(" -1", "").replace(" 4", ""),
    )
    return [
        f"declare {floats} @{avx512('scalef', width)}({floats}, {floats}, {floats}, {ends})",
        f"declare {floats} @{avx512('fixupimm', width)}({floats}, {floats}, {integers}, i32, {ends})",
    ]


class Lines:
    """Lines of a function over vectors of W wars."""

    def __init__(self, width: int, avx512: bool = False) -> None:
        """Begin an empty function body; with `avx512`, what only these processors have is used."""
        self.width = width
        self.avx512 = avx512
        self.text: list[str] = []
        self._count = 0

    @property
    def floats(self) -> str:
        """Type of W float32."""
        return f"<{self.width} x float>"

    @property
    def integers(self) -> str:
        """Type of W integers of 32 bits."""
        return f"<{self.width} x i32>"

    @property
    def flags(self) -> str:
        """Type of W truth values."""
        return f"<{self.width} x i1>"

    def say(self, right: str) -> str:
        """Add an assignment; return the name of its value."""
        self._count += 1
        name = f"%t{self._count}"
        self.text.append(f"  {name} = {right}")
        return name

    def constant(self, value: float) -> str:
        """Return W times a float32."""
        return f"splat (float {number(value)})"

    def whole(self, value: int) -> str:
        """Return W times an integer."""
        return f"splat (i32 {value})"

    def add(self, a: str, b: str) -> str:
        """Return a + b."""
        return self.say(f"fadd nsz {self.floats} {a}, {b}")

    def sub(self, a: str, b: str) -> str:
        """Return a - b."""
        return self.say(f"fsub nsz {self.floats} {a}, {b}")

    def mul(self, a: str, b: str) -> str:
        """Return a b."""
        return self.say(f"fmul nsz {self.floats} {a}, {b}")

    def div(self, a: str, b: str) -> str:
        """Return a / b."""
        return self.say(f"fdiv nsz {self.floats} {a}, {b}")

    def fma(self, a: str, b: str, c: str) -> str:
        """Return a b + c, rounded once."""
        vector = self.floats
        return self.say(f"call {vector} @llvm.fma.v{self.width}f32({vector} {a}, {vector} {b}, {vector} {c})")

    def fms(self, a: str, b: str, c: str) -> str:
        """Return a b - c, rounded once."""
        return self.fma(a, b, self.negative(c))

    def fnma(self, a: str, b: str, c: str) -> str:
        """Return c - a b, rounded once."""
        return self.fma(self.negative(a), b, c)

    def choose(self, condition: str, yes: str, no: str, kind: str | None = None) -> str:
        """Return yes where the condition holds, else no."""
        kind = kind or self.floats
        return self.say(
            f"select nsz {self.flags} {condition}, {kind} {yes}, {kind} {no}"
            if kind == self.floats
            else f"select {self.flags} {condition}, {kind} {yes}, {kind} {no}"
        )

    def compare(self, how: str, a: str, b: str) -> str:
        """Return where a stands so to b, floats."""
        return self.say(f"fcmp {how} {self.floats} {a}, {b}")

    def negative(self, x: str) -> str:
        """Return -x."""
        return self.say(f"fneg nsz {self.floats} {x}")

    def root(self, x: str) -> str:
        """Return the square root of x."""
        return self.say(f"call {self.floats} @llvm.sqrt.v{self.width}f32({self.floats} {x})")

    def larger(self, a: str, b: str) -> str:
        """Return the larger of both; a where either is no number."""
        return self.choose(self.compare("ole", a, b), b, a)

    def smaller(self, a: str, b: str) -> str:
        """Return the smaller of both; a where either is no number."""
        return self.choose(self.compare("oge", a, b), b, a)

    def nan_of(self, b: str, found: str) -> str:
        """Return b where it is no number, else what was found."""
        return self.choose(self.compare("uno", b, b), b, found)

    def polynomial(self, x: str, *coefficients: float) -> str:
        """Return a polynomial, its highest coefficient first."""
        terms = [self.constant(one) for one in coefficients]
        # In pairs, by the square: half as many operations wait for one another.
        lone, paired = terms[: len(terms) % 2], terms[len(terms) % 2 :]
        terms = lone + [self.fma(high, x, low) for high, low in zip(paired[::2], paired[1::2], strict=True)]
        square = self.mul(x, x)
        found = terms[0]
        for one in terms[1:]:
            found = self.fma(found, square, one)
        return found

    def bits(self, x: str) -> str:
        """Return floats as integers, bit for bit."""
        return self.say(f"bitcast {self.floats} {x} to {self.integers}")

    def floats_of(self, bits: str) -> str:
        """Return integers as floats, bit for bit."""
        return self.say(f"bitcast {self.integers} {bits} to {self.floats}")

    def integer(self, operation: str, a: str, b: str) -> str:
        """Return an operation on integers."""
        return self.say(f"{operation} {self.integers} {a}, {b}")

    def power_of_two(self, n: str) -> str:
        """Return 2^n of integers from -126 to 127."""
        return self.floats_of(self.integer("shl", self.integer("add", n, self.whole(127)), self.whole(23)))

    # Elementary functions.

    def _reduced(self, x: str) -> tuple[str, str, str]:
        """Return n, as bits above those of MAGIC and as floats, and exp(r) - 1, with x = n ln 2 + r."""
        shifted = self.fma(x, self.constant(LOG2E), self.constant(MAGIC))
        turns = self.sub(shifted, self.constant(MAGIC))
        r = self.fma(turns, self.constant(-LN2_HIGH), x)
        r = self.fma(turns, self.constant(-LN2_LOW), r)
        p = self.polynomial(
            r,
            1.394641469232738e-3,
            8.366566151380539e-3,
            4.166628420352936e-2,
            1.666654348373413e-1,
            0.5,
        )
        return self.bits(shifted), turns, self.fma(self.mul(r, r), p, r)

    def exp(self, x: str) -> str:
        """Return e^x; 0 and infinity beyond the range of float32."""
        x = self.smaller(self.larger(x, self.constant(-104.0)), self.constant(89.0))
        shifted, turns, less_one = self._reduced(x)
        whole = self.add(less_one, self.constant(1.0))
        if self.avx512:
            return self._scaled(whole, turns)
        # In two factors, since 2^n itself may be out of range where the result is not.
        n = self.integer("sub", shifted, self.whole(_MAGIC_BITS))
        half = self.integer("ashr", n, self.whole(1))
        other = self.integer("sub", n, half)
        return self.mul(self.mul(whole, self.power_of_two(half)), self.power_of_two(other))

    def _scaled(self, x: str, n: str) -> str:
        """Return x 2^n."""
        floats = self.floats
        return self.say(
            f"call {floats} @{avx512('scalef', self.width)}({floats} {x}, {floats} {n}, {floats} {x},"
            f" {_all(self.width)})"
        )

    def expm1(self, x: str) -> str:
        """Return e^x - 1, exact near 0; infinity beyond the range of float32."""
        x = self.smaller(self.larger(x, self.constant(-30.0)), self.constant(89.0))
        shifted, _, less_one = self._reduced(x)
        # Half of it first, since 2^n itself may be out of range where the result is not.
        scale = self.power_of_two(self.integer("sub", shifted, self.whole(_MAGIC_BITS + 1)))
        half = self.fma(scale, less_one, self.sub(scale, self.constant(0.5)))
        return self.add(half, half)

    def log(self, x: str) -> str:
        """Return ln x; -infinity at 0, no number below it; -88 or so between 0 and 1.2e-38."""
        shifted = self.integer("sub", self.bits(x), self.whole(0x3F3504F3))
        n = self.integer("ashr", shifted, self.whole(23))
        mantissa = self.integer("and", shifted, self.whole(0x7FFFFF))
        near_one = self.floats_of(self.integer("add", mantissa, self.whole(0x3F3504F3)))
        f = self.sub(near_one, self.constant(1.0))
        turns = self.say(f"sitofp {self.integers} {n} to {self.floats}")
        square = self.mul(f, f)
        p = self.polynomial(
            f,
            -7.860149443149567e-2,
            1.2881392240524292e-1,
            -1.312841922044754e-1,
            1.4181216061115265e-1,
            -1.662459522485733e-1,
            2.000228613615036e-1,
            -2.5000807642936707e-1,
            3.3333316445350647e-1,
        )
        y = self.mul(self.mul(f, square), p)
        y = self.fma(turns, self.constant(LN2_LOW), y)
        y = self.fma(self.constant(-0.5), square, y)
        found = self.fma(turns, self.constant(LN2_HIGH), self.add(f, y))
        if self.avx512:
            floats, integers = self.floats, self.integers
            return self.say(
                f"call {floats} @{avx512('fixupimm', self.width)}({floats} {found}, {floats} {x},"
                f" {integers} {self.whole(edges_of_log())}, i32 0, {_all(self.width)})"
            )
        zero, infinite = self.constant(0.0), self.constant(float("inf"))
        found = self.choose(self.compare("oeq", x, infinite), infinite, found)
        edge = self.choose(
            self.compare("oeq", x, zero), self.constant(float("-inf")), self.constant(float("nan"))
        )
        return self.choose(self.compare("ogt", x, zero), found, edge)

    def log1p(self, x: str) -> str:
        """Return ln(1 + x), exact near 0."""
        whole = self.add(self.constant(1.0), x)
        lost = self.sub(whole, self.constant(1.0))
        log = self.log(whole)
        found = self.choose(self.compare("oeq", lost, x), log, self.mul(log, self.div(x, lost)))
        return self.choose(self.compare("oeq", lost, self.constant(0.0)), x, found)

    def logistic(self, x: str) -> str:
        """Return 1 / (1 + e^-x)."""
        turned = self.sub(self.constant(0.0), x)
        return self.div(self.constant(1.0), self.add(self.constant(1.0), self.exp(turned)))

    def absolute(self, x: str) -> str:
        """Return |x|."""
        return self.floats_of(self.integer("and", self.bits(x), self.whole(0x7FFFFFFF)))

    def erfc(self, x: str) -> str:
        """Return 1 - erf x, to 4e-7 of its value below 1, 1e-5 up to 9: the exponent is a float32."""
        size = self.absolute(x)
        t = self.div(self.constant(1.0), self.fma(self.constant(0.5), size, self.constant(1.0)))
        inner = self.polynomial(
            t,
            0.17087277,
            -0.82215223,
            1.48851587,
            -1.13520398,
            0.27886807,
            -0.18628806,
            0.09678418,
            0.37409196,
            1.00002368,
            -1.26551223,
        )
        exponent = self.fnma(size, size, inner)
        found = self.mul(t, self.exp(exponent))
        other = self.sub(self.constant(2.0), found)
        return self.choose(self.compare("oge", x, self.constant(0.0)), found, other)

    def erf(self, x: str) -> str:
        """Return erf x."""
        near = self.mul(
            x,
            self.polynomial(
                self.mul(x, x),
                7.853861353153693e-5,
                -8.010193625184903e-4,
                5.188327685732524e-3,
                -2.685381193529856e-2,
                1.128358514861418e-1,
                -3.761262582423300e-1,
                1.128379165726710,
            ),
        )
        far = self.sub(self.constant(1.0), self.erfc(x))
        return self.choose(self.compare("olt", self.absolute(x), self.constant(1.0)), near, far)

    def erf_inv(self, x: str) -> str:
        """Return the number whose erf is x, to 1e-6 of its value, 1e-5 near 1; infinity at 1 and -1."""
        one = self.constant(1.0)
        w = self.sub(self.constant(0.0), self.log(self.mul(self.sub(one, x), self.add(one, x))))
        root = self.root(w)
        middle = self.polynomial(
            self.sub(w, self.constant(2.5)),
            2.81022636e-08,
            3.43273939e-07,
            -3.5233877e-06,
            -4.39150654e-06,
            0.00021858087,
            -0.00125372503,
            -0.00417768164,
            0.246640727,
            1.50140941,
        )
        tail = self.polynomial(
            self.sub(root, self.constant(3.0)),
            -0.000200214257,
            0.000100950558,
            0.00134934322,
            -0.00367342844,
            0.00573950773,
            -0.0076224613,
            0.00943887047,
            1.00167406,
            2.83297682,
        )
        factor = self.choose(self.compare("olt", w, self.constant(5.0)), middle, tail)
        infinite = self.constant(float("inf"))
        return self.mul(self.choose(self.compare("oeq", w, infinite), infinite, factor), x)

    def threefry(self, first_key: str, second_key: str, first: str, second: str) -> tuple[str, str]:
        """Return two random words for a counter of two words."""
        third_key = self.integer("xor", self.integer("xor", first_key, second_key), self.whole(0x1BD11BDA))
        keys = (first_key, second_key, third_key)
        x, y = self.integer("add", first, first_key), self.integer("add", second, second_key)
        turns = ((13, 15, 26, 6), (17, 29, 16, 24))
        vector = self.integers
        for block in range(5):
            for turn in turns[block % 2]:
                x = self.integer("add", x, y)
                y = self.say(
                    f"call {vector} @llvm.fshl.v{self.width}i32({vector} {y}, {vector} {y},"
                    f" {vector} {self.whole(turn)})"
                )
                y = self.integer("xor", x, y)
            x = self.integer("add", x, keys[(block + 1) % 3])
            y = self.integer("add", y, keys[(block + 2) % 3])
            y = self.integer("add", y, self.whole(block + 1))
        return x, y
