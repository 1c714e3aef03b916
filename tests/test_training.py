"""Part 1's training: the loop, its continuation, stops, edits; what is shown of it and drawn by it."""

import signal

import numpy as np
import pytest
from conftest import assert_same_plain, files, saved
from notebook import cells, run_cells, run_notebook


def train(namespace, **changes):
    """Change names in a namespace, run the cell that trains there, and return the namespace."""
    namespace.update(changes)
    return run_cells(namespace, "train")


def stop_in_epoch(namespace, epoch):
    """Let the stop button be pressed in the second step of an epoch, once."""
    draw, count = namespace["random_z"], []

    def stopping(rng, n):
        count.append(len(namespace["samples"]) == epoch)
        if sum(count) == 2:
            namespace["random_z"] = draw
            signal.raise_signal(signal.SIGINT)
        return draw(rng, n)

    namespace["random_z"] = stopping


def test_batches_hand_out_each_image_once_in_an_order_that_the_seed_decides(untrained):
    batches, images = untrained["batches"], np.arange(110)
    (first, second), others = (
        batches(images, 50, np.random.default_rng(3)),
        batches(images, 50, np.random.default_rng(4)),
    )
    assert len(first) == len(second) == 50 and len(set(first) | set(second)) == 100
    assert np.any(first != np.sort(first)) and np.any(first != next(others))
    np.testing.assert_array_equal(first, next(batches(images, 50, np.random.default_rng(3))))
    for batch_size in (0, -1, 111):
        with pytest.raises(AssertionError, match="expected 1 to 110"):
            next(batches(images, batch_size, np.random.default_rng(3)))


def test_loop_takes_steps_of_d_and_g_in_turn_with_the_same_z_and_notes_the_losses_before_each(untrained):
    """G is updated against the updated D: without D's update its loss would differ by more than rounding."""
    ns, expected = untrained, []
    images, z = ns["input_real"], ns["input_z"]
    with ns["tf"].Session() as session:
        session.run(ns["tf"].global_variables_initializer())
        for epoch in (1, 2):
            rng = np.random.default_rng([ns["seed"], epoch])
            order = rng.permutation(len(ns["x_train"]))
            for batch in order.reshape(-1, 50):
                feed = {images: ns["x_train"][batch], z: rng.uniform(-1, 1, (50, 100)).astype(np.float32)}
                d_loss, too_early = session.run([ns["d_loss"], ns["g_loss"]], feed)
                session.run(ns["d_train_opt"], feed)
                g_loss = session.run(ns["g_loss"], feed)
                session.run(ns["g_train_opt"], feed)
                assert abs(g_loss - too_early) > 1e-5
                expected.append((d_loss, g_loss))
        sample = session.run(ns["g_model"], {z: ns["sample_z"]})
    train(ns, epochs=2)
    np.testing.assert_allclose(ns["losses"], expected, atol=1e-5)
    np.testing.assert_allclose(ns["samples"][-1], sample, atol=1e-4)
    np.testing.assert_array_equal(ns["samples"][0], ns["noise"])


def test_more_epochs_go_on_bit_for_bit_and_the_cell_before_begins_anew(trained, untrained, capsys):
    """And a new kernel with the same checkpoint_dir trains the same again."""
    train(untrained, epochs=1)
    train(untrained, epochs=3)
    lines = capsys.readouterr().out.splitlines()[-3:]
    assert [line.split("...")[0] for line in lines] == ["Epoch 1/1", "Epoch 2/3", "Epoch 3/3"]
    assert_same_plain(trained, untrained)
    before = files(untrained["run"])
    train(run_cells(untrained, "session"))
    assert_same_plain(trained, untrained)
    with np.load(f"{untrained['run']}/plain/history.npz") as history:
        np.testing.assert_array_equal(history["losses"], untrained["losses"])
        np.testing.assert_array_equal(history["samples"], untrained["samples"])
        assert history["losses"].shape == (3 * 22, 2) and history["samples"].shape == (4, 16, 784)
    assert files(untrained["run"]).keys() == before.keys()


def test_another_seed_is_another_run(trained, small, tmp_path):
    other = run_notebook("train", **small | {"seed": 1}, checkpoint_dir=str(tmp_path))
    assert np.all(np.array(other["losses"]) != trained["losses"]) and np.any(other["sample_z"] != trained["sample_z"])


def test_stop_button_keeps_what_is_done_shows_it_below_and_the_cell_goes_on(untrained, capsys):
    """In the first epoch it is the untrained G that is saved and shown."""
    stop_in_epoch(untrained, 1)
    train(untrained)
    assert "Stopped" in capsys.readouterr().out
    with np.load(f"{untrained['run']}/plain/history.npz") as history:
        assert history["losses"].shape == (0, 2) and history["samples"].shape == (1, 16, 784)
    run_cells(untrained, "curves", "better-run")
    stop, train_epoch = iter([signal.SIGINT]), untrained["train_epoch"]
    untrained["train_epoch"] = lambda *args: args[3] and [signal.raise_signal(s) for s in stop] or train_epoch(*args)
    run_cells(untrained, "train-better", "categories")
    assert untrained["better_losses"].shape == (0, 2) and "Stopped" in capsys.readouterr().out
    stop_in_epoch(untrained, 2)
    train(untrained)
    assert len(untrained["samples"]) == 2
    train(untrained)
    assert len(untrained["samples"]) == 4 and len(untrained["losses"]) == 3 * 22
    assert saved(f"{untrained['run']}/plain/gan").keys() >= {"generator/h1/kernel", "discriminator/h1/kernel"}


def test_an_edited_loss_is_what_trains_in_a_kernel_that_has_trained(small, tmp_path, monkeypatch):
    """As a reader would: g_loss times 0, and sections 7 to 10 again; where the optimizers are forgotten it is told."""
    monkeypatch.chdir(tmp_path)
    namespace = run_notebook("train", **small)
    first, before = namespace["run"], files(tmp_path)
    assert np.ptp(namespace["samples"], axis=0).max() > 0.1
    edited = cells()["losses"].replace("g_loss = cross_entropy", "g_loss = 0 * cross_entropy")
    assert edited != cells()["losses"]
    exec(edited, namespace)
    with pytest.raises(AssertionError, match="sections 7 to 9"):
        run_cells(namespace, "session")
    run_cells(namespace, "build", "cross-entropy")
    exec(edited, namespace)
    run_cells(namespace, "try-losses", "last-sample")
    assert namespace["run"] != first and files(tmp_path).items() > before.items()
    assert not np.array(namespace["losses"])[:, 1].any()
    for sample in namespace["samples"]:
        np.testing.assert_array_equal(sample, namespace["noise"])


def test_a_loss_that_is_not_finite_stops_the_training_and_names_the_epoch(untrained):
    draw = untrained["random_z"]
    untrained["random_z"] = lambda rng, n: draw(rng, n) * (np.nan if len(untrained["samples"]) == 2 else 1)
    with pytest.raises(AssertionError, match="epoch 2"):
        train(untrained)
    assert len(untrained["samples"]) == 2 and np.isfinite(untrained["losses"]).all()


def test_run_all_twice_and_every_cell_twice_give_new_runs_that_are_the_same(trained, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = run_notebook("walk", **small)
    before = files(tmp_path)
    run_cells(namespace, "quiet", "variables", repeats=2, **small)
    run_cells(namespace, "optimizers")
    run_cells(namespace, "by-hand", "categories", repeats=2)
    assert files(tmp_path).items() > before.items() and len(list(tmp_path.glob("checkpoints/*"))) == 3
    assert_same_plain(trained, namespace)
    np.testing.assert_array_equal(trained["better_digits"], namespace["better_digits"])


def test_d_alone_learns_to_tell_the_fakes_and_leaves_the_session_and_the_folder_as_they_were(trained):
    with trained["d_loss"].graph.as_default():
        before = trained["sess"].run(trained["t_vars"]), files(trained["run"])
        namespace = run_cells(dict(trained), "verdicts")
        after = trained["sess"].run(trained["t_vars"]), files(trained["run"])
    np.testing.assert_equal(after, before)
    (_, _), (real, fake), (real_alone, fake_alone) = namespace["answers"].values()
    assert real_alone.mean() - fake_alone.mean() > real.mean() - fake.mean()


def test_what_d_tells_g_lowers_the_loss_of_g(trained):
    """A small step of the pixels along the advice of the picture does, a step against it raises it."""
    fakes, advice, loss = trained["fakes"], trained["advice"], trained["g_loss"]
    at = [trained["sess"].run(loss, {trained["g_model"]: fakes + step * advice}) for step in (-0.01, 0, 0.01)]
    assert at[0] > at[1] > at[2] and np.abs(advice).max() == 1


def test_digits_are_drawn_by_the_checkpoint_and_a_walk_goes_from_one_latent_vector_to_another(trained):
    values = saved(f"{trained['run']}/plain/gan")
    kernel, bias, out_kernel, out_bias = (
        values[f"generator/{layer}/{part}"] for layer in ("h1", "logits") for part in ("kernel", "bias")
    )
    hidden = trained["new_z"] @ kernel + bias
    expected = np.tanh(np.where(hidden > 0, hidden, trained["alpha"] * hidden) @ out_kernel + out_bias)
    np.testing.assert_allclose(trained["new_images"], expected, atol=1e-5)
    walk = trained["walk_z"].reshape(6, 12, -1)
    np.testing.assert_allclose(np.diff(walk, n=2, axis=1), 0, atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([walk[:, 0], walk[:, -1]]), trained["new_z"][:12])


def test_parameters_changed_after_the_training_do_not_change_the_digits_in_silence(trained, monkeypatch):
    """Another slope draws the same digits; another size is an error."""
    images = trained["new_images"]
    with trained["d_loss"].graph.as_default():
        monkeypatch.setitem(trained, "alpha", 0.5)
        np.testing.assert_array_equal(run_cells(trained, "new-digits")["new_images"], images)
        monkeypatch.setitem(trained, "z_size", 50)
        with pytest.raises(ValueError, match="shape"):
            run_cells(dict(trained), "new-digits")


def test_pictures_show_what_their_titles_say(trained, monkeypatch):
    shown, samples = [], trained["samples"]
    monkeypatch.setitem(trained, "show_digits", lambda *arguments, columns: shown.append(arguments))
    for epoch, title in ((-1, "Samples after epoch 3"), (0, "Samples after epoch 0")):
        trained["view_samples"](epoch, samples)
        np.testing.assert_equal(shown.pop(), (samples[epoch], title))
    images = np.random.default_rng(0).uniform(-1, 1, (6, 28, 28))
    expected = np.block([list(images[:3]), list(images[3:])])
    np.testing.assert_array_equal(trained["tile"](images.reshape(6, 784), columns=3), expected)
