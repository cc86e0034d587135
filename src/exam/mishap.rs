//! A defect of doctor's own in one probe costs that probe's finding and nothing else.
//!
//! The released program is built to abort on a panic, because what unwinding needs would be a seventh of it. So the
//! panicking thread is not unwound: before anything else happens it says its last words, and then it stays where it is
//! until the run ends. What it holds stays held; whoever needs that runs into the deadline like after a hung tool.

use std::{
    cell::RefCell,
    panic::{self, PanicHookInfo},
    sync::Once,
    thread,
};

/// Is told where the panic was.
type Words = Box<dyn FnOnce(String)>;

thread_local! {
    static LAST_WORDS: RefCell<Option<Words>> = const { RefCell::new(None) };
}

/// Does something; a panic in it never comes back, and `say` is told where it happened.
pub fn guarded<T>(act: impl FnOnce() -> T, say: impl FnOnce(String) + 'static) -> T {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |mishap| {
            let words = LAST_WORDS.try_with(|words| words.try_borrow_mut().ok()?.take()).ok().flatten();
            match words {
                Some(say) => {
                    say(place(mishap));
                    // Where there is unwinding, as in the tests, the thread ends by it.
                    while cfg!(panic = "abort") {
                        thread::park();
                    }
                }
                None => others(mishap),
            }
        }));
    });
    LAST_WORDS.with(|words| *words.borrow_mut() = Some(Box::new(say)));
    let done = act();
    LAST_WORDS.with(|words| words.borrow_mut().take());
    done
}

fn place(mishap: &PanicHookInfo<'_>) -> String {
    mishap.location().map_or_else(|| "somewhere".to_owned(), |place| format!("{}:{}", place.file(), place.line()))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    #[test]
    fn a_panic_says_where_it_was_and_is_nobody_elses() {
        let (send, receive) = mpsc::channel();
        for fails in [true, false] {
            let (send, words) = (send.clone(), send.clone());
            thread::spawn(move || {
                let done = super::guarded(
                    || if fails { Vec::<u8>::new()[1..].len() } else { 7 },
                    move |place| words.send(place).unwrap(),
                );
                send.send(format!("done {done}")).unwrap();
            });
            let said = receive.recv_timeout(Duration::from_secs(20)).unwrap();
            let place = said.rsplit_once(':').map(|(file, _)| file.replace('\\', "/"));
            assert_eq!(place.as_deref(), fails.then_some("src/exam/mishap.rs"), "{said}");
            assert_eq!(said == "done 7", !fails);
        }
    }
}
