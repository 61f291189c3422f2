//! Imports an interface that is not in the contract, and uses it.

use portcullis_test_guests::*;

wit_bindgen::generate!({
    inline: "
        package stranger:power;
        interface danger { detonate: func(); }
        world stranger { import danger; }
    ",
});

struct WrongWorld;

impl Trick for WrongWorld {
    const NAME: &str = "wrong_world";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        stranger::power::danger::detonate();
        answer("detonated")
    }
}

export!(WrongWorld: tools);
