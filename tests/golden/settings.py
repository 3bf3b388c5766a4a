"""What make_golden.py trains: sizes and settings, which one of the functions below changes before anything else is done."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
SMALL, PENALISED, LAYERED = HERE / "objectives", HERE / "penalties", HERE / "layers"
GENERATOR = [100, 128, 256, 512, 10]
DISCRIMINATOR = [10, 512, 256, 1]
BATCH, STEPS, SNAPSHOTS = 64, 100, (1, 10, 100)
SURVEYED = SNAPSHOTS
RATE, BETAS, EPSILON, SLOPE = 2e-4, (0.5, 0.999), 1e-8, 0.2
OBJECTIVES = ("minimax", "non_saturating")
PENALTIES = {}  # of a run that is named "<objective>+...", by their weights
LAYERS = {}  # norm, residual, dropout: what the run's layers have besides their linear part
RUNS_OF_LAYERS = {"non_saturating+batch": {"norm": "batch"}, "hinge+layer": {"norm": "layer"},
                  "wasserstein+gp+dropout": {"dropout": 0.5},
                  "relativistic+batch+residual+dropout": {"norm": "batch", "residual": True, "dropout": 0.25},
                  "minimax+residual": {"residual": True}}
SEED, POINTS = 1, 6  # agon's seed, and what its random numbers for the points of a penalty are numbered with
PARAMETERS, ROWS, NOISE_D, NOISE_G = range(4)  # kinds of streams
CLEARANCE = 4e-6  # least distance from a kink in a tamed run, a float32's rounding many times over


def take_small_setup():
    """Small files, and a rate at which logits get to both sides of the hinge within its steps.

    Hinge, Wasserstein and relativistic gradients of D's biases cancel between real rows and fakes, some exactly. What
    rounding leaves of them Adam would make whole steps of at epsilon 1e-8.
    """
    globals().update(GENERATOR=[8, 24, 16, 5], DISCRIMINATOR=[5, 24, 16, 1], BATCH=16, STEPS=30, SNAPSHOTS=(1, 10, 30),
                     RATE=1e-2, EPSILON=1e-3,
                     OBJECTIVES=("hinge", "least_squares", "wasserstein", "relativistic"))


def take_penalties():
    take_small_setup()
    runs = {"relativistic+r1+r2": {"r1": 0.5, "r2": 1.5}, "wasserstein+gp": {"wgan_gp": 10.0},
            "minimax+dragan": {"dragan": 5.0}, "hinge+r1+gp": {"r1": 1.0, "wgan_gp": 2.0}}
    globals().update(OBJECTIVES=tuple(runs), PENALTIES=runs)


def take_layers(run):
    take_small_setup()
    penalties = {run: {"wgan_gp": 10.0}} if "+gp" in run else {}
    globals().update(OBJECTIVES=(run,), LAYERS=RUNS_OF_LAYERS[run], PENALTIES=penalties)
